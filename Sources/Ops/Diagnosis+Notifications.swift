import Shared
import SharedRedis
import SharedStore

extension Diagnosis {
    /// Whether what the watchdog tells arrives.
    func notifications() -> Finding {
        func finding(_ text: String, isHint: Bool) -> Finding {
            Finding(check: "notifications", isFine: true, isHint: isHint, text: text)
        }
        do {
            let outbox = try Ops.store(settings, access: .reports).outbox(at: now)
            let problem = Self.problem(of: outbox, at: now)
            return finding(problem ?? "No message about an alert waits for long.", isHint: problem != nil)
        } catch {
            return finding(
                "Messages about alerts can't be looked at while the database can't be used.",
                isHint: true
            )
        }
    }

    /// What is wrong with the outbox, and what to do; nil where nothing is.
    static func problem(of outbox: OutboxState, at now: Timestamp) -> String? {
        var texts: [String] = []
        if outbox.isLate(at: now) {
            let (messages, wait) =
                outbox.waiting == 1
                ? ("1 message about an alert", "waits") : ("\(outbox.waiting) messages about alerts", "wait")
            let age = Table.text(seconds: Int(outbox.age(at: now) / 1000))
            texts.append(
                "\(messages) \(wait), the oldest for \(age). Why: growthctl alerts notifications. "
                    + "Whether one arrives: growthctl alerts test. Every worker needs "
                    + "GROWTH_ALERT_WEBHOOK_URL."
            )
        }
        if outbox.givenUp > 0 {
            let were =
                outbox.givenUp == 1
                ? "1 message about an alert was" : "\(outbox.givenUp) messages about alerts were"
            texts.append(
                "\(were) given up within three days, and nobody heard of it: "
                    + "growthctl alerts notifications --all."
            )
        }
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    /// Says that some workers tell of alerts and others don't; nil where they agree.
    ///
    /// Which of them looks after the alerts is chance, and only that one writes and sends messages. A worker
    /// of an older release does not say whether it does.
    func disagreement(of records: [WorkerRecord]) -> Finding? {
        let mute = records.filter { $0.channels?.isEmpty == true }
        let telling = records.filter { $0.channels?.isEmpty == false }
        guard !mute.isEmpty, !telling.isEmpty else { return nil }
        return Finding(
            check: "notifications",
            isFine: true,
            isHint: true,
            text: "\(Self.names(telling)) \(telling.count == 1 ? "sends" : "send") alerts, but "
                + "\(Self.names(mute)) \(mute.count == 1 ? "has" : "have") no GROWTH_ALERT_WEBHOOK_URL: of "
                + "what happens while such a worker holds the watchdog's lease nobody is told. Set it for "
                + "all, and restart them."
        )
    }
}
