/// When a job that failed is tried again, and how often.
///
/// The wait grows with the fourth power of the tries, as Sidekiq's does: a rolling update is over within the
/// first of them, and somebody who has to change something has hours. It is capped, since providers deliver
/// again, too.
public enum RetrySchedule {
    /// How often a job is tried before it is dead.
    public static let tries = 12
    /// The longest wait, in milliseconds: an hour.
    public static let capMilliseconds: Int64 = 3_600_000

    /// Returns how long the next try has to wait, in milliseconds; nil when the job had its last.
    ///
    /// The wait is n⁴ + 15 seconds and less than 10 (n + 1) seconds more by chance, so that what failed
    /// together comes back apart; under the cap as well.
    ///
    /// - Parameters:
    ///   - attempt: How many tries went before the one that failed: the envelope's `attempt`.
    ///   - random: Where the chance comes from.
    /// - Returns: The wait.
    public static func wait(
        afterAttempt attempt: Int,
        random: inout some RandomNumberGenerator
    ) -> Int64? {
        let attempt = max(0, attempt)
        guard attempt < tries - 1 else { return nil }
        let count = Int64(attempt)
        let spread = 10_000 * (count + 1)
        let base = min((count * count * count * count + 15) * 1000, capMilliseconds - spread)
        return base + Int64.random(in: 0..<spread, using: &random)
    }
}

extension DeadReason {
    /// Whether the same job may be fine later, without anybody touching it: under another release or
    /// configuration, as in a rolling update, or once other rows are there.
    ///
    /// What the message itself says wrongly stays wrong. A shape that nobody mapped needs somebody to map it,
    /// whom only a dead letter calls.
    public var mayPass: Bool { Self.passing.contains(code) }

    private static let passing: Set<String> = ["unknown-source", Self.storeConstraint("").code]

    /// The message breaks a rule of the database.
    public static func storeConstraint(_ detail: String) -> DeadReason {
        DeadReason(code: "store-constraint", detail: detail)
    }
}
