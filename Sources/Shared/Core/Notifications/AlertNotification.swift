/// One message about an alert, as it waits in the outbox.
public struct AlertNotification: Hashable, Sendable {
    /// What happened to the alert.
    public enum Event: String, CaseIterable, Sendable {
        /// It opened.
        case fired
        /// It became critical.
        case escalated
        /// It is still open, a day later or after a snooze.
        case reminder
        /// It closed.
        case resolved
    }

    /// How long after the last message an open alert that nobody acknowledged is told again: 24 hours.
    public static let reminderMilliseconds: Int64 = 86_400_000

    /// The row's id.
    public var id: Int64
    /// What happened.
    public var event: Event
    /// Which message of the alert it is, from 1 on.
    public var sequence: Int
    /// The alert as it stands now.
    public var alert: Alert
    /// When it was put into the outbox.
    public var createdAt: Timestamp
    /// How often it was tried.
    public var attempts: Int

    /// Creates a message.
    public init(
        id: Int64,
        event: Event,
        sequence: Int,
        alert: Alert,
        createdAt: Timestamp,
        attempts: Int
    ) {
        self.id = id
        self.event = event
        self.sequence = sequence
        self.alert = alert
        self.createdAt = createdAt
        self.attempts = attempts
    }

    /// The id under which it is sent: the same at every attempt, so that a receiver can tell a repetition.
    public var messageID: String { "ntf_\(alert.id)_\(sequence)" }

    /// The JSON that is sent: no personal data, not even who acknowledged the alert.
    ///
    /// `text` is a sentence, which chat services show.
    public func body(base: Currency) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            Self.put("type", "alert.\(event.rawValue)", to: &writer)
            Self.put("timestamp", "\(createdAt)", to: &writer)
            Self.put("text", AlertSentence.text(of: alert, event: event, base: base), to: &writer)
            writer.key("data")
            writer.object { writer in
                writer.key("id")
                writer.append(int: alert.id)
                Self.put("rule", alert.rule.rawValue, to: &writer)
                Self.put("scope", alert.scope, to: &writer)
                Self.put("severity", alert.severity.rawValue, to: &writer)
                Self.put("state", alert.state.rawValue, to: &writer)
                Self.put("active_since", "\(alert.activeSince)", to: &writer)
                Self.put("resolved_at", alert.resolvedAt.map { "\($0)" }, to: &writer)
                Self.put("resolve_reason", alert.resolveReason, to: &writer)
                Self.put("currency", base.code, to: &writer)
                Self.put("date", alert.detail.date.map { "\($0)" }, to: &writer)
                Self.put("prev", alert.detail.previousMinor, to: &writer)
                Self.put("cur", alert.detail.currentMinor, to: &writer)
                Self.put("last_received_at", alert.detail.lastReceivedAt.map { "\($0)" }, to: &writer)
                Self.put("payouts", alert.detail.payouts.map { Int64($0) }, to: &writer)
                Self.put("discrepancies", alert.detail.discrepancies.map { Int64($0) }, to: &writer)
            }
        }
        return writer.bytes
    }

    private static func put(_ key: String, _ text: String?, to writer: inout JSONWriter) {
        writer.key(key)
        writer.append(string: text)
    }

    private static func put(_ key: String, _ number: Int64?, to writer: inout JSONWriter) {
        writer.key(key)
        if let number { writer.append(int: number) } else { writer.appendNull() }
    }
}

extension Alert {
    /// What it says, in one sentence; amounts are of the base currency.
    public func sentence(base: Currency) -> String { AlertSentence.what(self, base) }
}

/// What an alert says, in one sentence.
enum AlertSentence {
    static func text(of alert: Alert, event: AlertNotification.Event, base: Currency) -> String {
        let what = what(alert, base)
        switch event {
        case .fired: return "\(alert.severity == .critical ? "Critical" : "Warning"): \(what)"
        case .escalated: return "Now critical: \(what)"
        case .reminder: return "Still open: \(what)"
        case .resolved: return "Resolved (\(alert.resolveReason ?? "-")): \(what)"
        }
    }

    fileprivate static func what(_ alert: Alert, _ base: Currency) -> String {
        let scope = alert.scope == Watchdog.everything ? "" : " of \(alert.scope)"
        func money(_ minor: Int64?) -> String {
            minor.map { "\(CSV.decimal($0, exponent: base.exponent)) \(base)" } ?? "an unknown amount"
        }
        switch alert.rule {
        case .revenueDip:
            return "Net revenue\(scope) of \(alert.detail.date.map { "\($0)" } ?? "a day") was "
                + "\(money(alert.detail.currentMinor)), after \(money(alert.detail.previousMinor)) "
                + "the day before."
        case .noSignal:
            let who = alert.scope == Watchdog.everything ? "any source" : alert.scope
            return "Nothing came from \(who) since "
                + "\(alert.detail.lastReceivedAt.map { "\($0)" } ?? "the beginning")."
        case .payoutUnmatched:
            let (count, wrong) = (alert.detail.payouts ?? 0, alert.detail.discrepancies ?? 0)
            guard count != 1 else {
                return "1 payout\(scope) is not explained by its orders"
                    + (wrong > 0 ? ": its lines do not add up." : ".")
            }
            return "\(count) payouts\(scope) are not explained by their orders"
                + (wrong > 0 ? ", \(wrong) of them by lines that do not add up." : ".")
        }
    }
}
