import Shared
import SharedStore

extension Diagnosis {
    /// Whether every currency of the last days has a rate that is not old.
    func rates() -> Finding {
        func finding(_ text: String, isHint: Bool) -> Finding {
            Finding(check: "rates", isFine: true, isHint: isHint, text: text)
        }
        do {
            let condition = try Ops.store(settings, access: .reports).rateCondition(at: now)
            let texts = condition.gaps.map(text) + condition.old.map { text(of: $0, on: condition.today) }
            guard texts.isEmpty else { return finding(texts.joined(separator: " "), isHint: true) }
            return finding("Every currency of the last days has a rate.", isHint: false)
        } catch {
            return finding(
                "Exchange rates can't be looked at while the database can't be used.",
                isHint: true
            )
        }
    }

    private func text(of gap: RateCondition.Gap) -> String {
        let (currency, first) = (gap.currency, gap.firstDay)
        let days = "\(gap.days.counted("day", "days")) since \(first)"
        return gap.hasRate
            ? "\(currency) counts nothing on \(days), because it comes to more than 2^53 minor units of "
                + "\(settings.baseCurrency): find the order with growthctl export orders --from \(first) "
                + "--currency \(currency)."
            : "\(currency) counts nothing on \(days), because it has no rate: import one of \(first) or "
                + "before, growthctl fx import FILE."
    }

    private func text(of rate: RateCondition.Newest, on today: BusinessDate) -> String {
        "The newest rate of \(rate.currency) is of \(rate.date), \(rate.date.days(until: today)) days ago: "
            + "growthctl fx import FILE."
    }
}
