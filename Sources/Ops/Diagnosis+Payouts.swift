import Shared
import SharedStore

extension Diagnosis {
    /// Whether every payout is explained that had time to be.
    func payouts() -> Finding {
        do {
            let backlogs = try Ops.store(settings, access: .reports).payoutBacklogs(at: now)
            guard !backlogs.isEmpty else {
                return Finding(check: "payouts", isFine: true, text: "Every payout is explained, or young.")
            }
            let parts = backlogs.map { backlog in
                let wrong =
                    backlog.discrepancies > 0
                    ? ", \(backlog.discrepancies) of which do not add up" : ""
                return "\(backlog.count) of \(backlog.source)\(wrong)"
            }
            return Finding(
                check: "payouts",
                isFine: true,
                isHint: true,
                text: "Payouts are not explained: \(parts.joined(separator: "; ")). "
                    + "See growthctl payouts unmatched."
            )
        } catch {
            return Finding(
                check: "payouts",
                isFine: true,
                isHint: true,
                text: "Payouts can't be looked at while the database can't be used."
            )
        }
    }
}
