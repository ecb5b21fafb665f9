public import Logging
public import Shared

/// Says once that a dependency is down and once that it is back, with how long it was away.
public struct Outage: Sendable {
    private let name: String
    private var since: Timestamp?

    /// Creates the watch over one dependency, such as `redis`.
    public init(of name: String) {
        self.name = name
    }

    /// Whether the dependency is down.
    public var isOngoing: Bool { since != nil }

    /// Notes a failure; the first one is logged.
    public mutating func failed(_ error: any Error, at now: Timestamp, logger: Logger) {
        guard since == nil else { return }
        since = now
        logger.error(
            "A dependency is down; trying again.",
            metadata: ["dependency": "\(name)", "error": "\(error)"]
        )
    }

    /// Notes a success; the first one after a failure is logged.
    public mutating func worked(at now: Timestamp, logger: Logger) {
        guard let began = since else { return }
        since = nil
        let seconds = Double(now.milliseconds - began.milliseconds) / 1000
        logger.notice(
            "A dependency is back.",
            metadata: ["dependency": "\(name)", "down_seconds": "\(seconds)"]
        )
    }
}
