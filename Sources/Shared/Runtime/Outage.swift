public import Logging
public import Shared
import Synchronization

/// One dependency of a process, such as Redis, as all of its loops see it together.
///
/// Each loop has a connection of its own and notices an outage at another time; the log tells of one outage.
public final class DependencyState: Sendable {
    private struct State {
        /// When each loop that fails did last, by its number.
        var failing: [Int: Timestamp] = [:]
        var since: Timestamp?
        var loops = 0
        /// The reason that was told last.
        var told = ""
        /// Another one, and since when no failure had the one that was told.
        var other: (reason: String, since: Timestamp)?

        /// Notes a failure's reason, and returns whether it stands long enough to be told instead.
        mutating func hasChanged(to reason: String, at now: Timestamp) -> Bool {
            guard reason != told else {
                other = nil
                return false
            }
            guard let other, other.reason == reason else {
                other = (reason, now)
                return false
            }
            let milliseconds = now.milliseconds - other.since.milliseconds
            guard milliseconds >= DependencyState.patience else { return false }
            (told, self.other) = (reason, nil)
            return true
        }

        mutating func forget(_ memory: Int64, at now: Timestamp) {
            failing = failing.filter { now.milliseconds - $0.value.milliseconds < memory }
        }
    }

    /// For how long a loop's failure counts, in milliseconds, when it says nothing further: it may have
    /// nothing more to do.
    private static let memory: Int64 = 120_000
    /// How long failures must have had one other reason before it is told, in milliseconds: at the beginning
    /// of an outage each loop may see something else.
    private static let patience: Int64 = 30_000
    private let name: String
    private let state = Mutex(State())

    /// Creates the state of one dependency, such as `redis`, that works.
    public init(_ name: String) {
        self.name = name
    }

    fileprivate func join() -> Int {
        state.withLock { state in
            state.loops += 1
            return state.loops
        }
    }

    /// Notes a failure, and logs it where no other loop fails, or where the reason is another one by now.
    fileprivate func failed(_ loop: Int, _ error: any Error, at now: Timestamp, logger: Logger) {
        let reason = "\(error)"
        let (isFirst, hasChanged) = state.withLock { state in
            state.forget(Self.memory, at: now)
            let isFirst = state.failing.isEmpty
            state.failing[loop] = now
            if isFirst { (state.since, state.told, state.other) = (now, reason, nil) }
            return (isFirst, state.hasChanged(to: reason, at: now))
        }
        guard isFirst || hasChanged else { return }
        logger.error(
            isFirst
                ? "A dependency is down; trying again." : "A dependency is still down, for another reason.",
            metadata: ["dependency": "\(name)", "error": "\(reason)"]
        )
    }

    /// Notes a success, and logs it where it was the last loop that failed.
    fileprivate func worked(_ loop: Int, at now: Timestamp, logger: Logger) {
        let began = state.withLock { state -> Timestamp? in
            guard state.since != nil else { return nil }
            state.failing[loop] = nil
            state.forget(Self.memory, at: now)
            guard state.failing.isEmpty else { return nil }
            defer { state.since = nil }
            return state.since
        }
        guard let began else { return }
        let seconds = Double(now.milliseconds - began.milliseconds) / 1000
        logger.notice(
            "A dependency is back.",
            metadata: ["dependency": "\(name)", "down_seconds": "\(seconds)"]
        )
    }
}

/// One loop's view of a dependency: says once that it is down, and why, and once that it is back, with how
/// long it was away.
public struct Outage: Sendable {
    private let dependency: DependencyState
    private let loop: Int
    /// Whether the dependency is down, as far as this loop knows.
    public private(set) var isOngoing = false

    /// Creates the watch over a dependency that other loops watch, too.
    public init(of dependency: DependencyState) {
        self.dependency = dependency
        loop = dependency.join()
    }

    /// Creates the watch over one dependency, such as `redis`, that nobody else watches.
    public init(of name: String) {
        self.init(of: DependencyState(name))
    }

    /// Notes a failure; the first one of all loops is logged.
    public mutating func failed(_ error: any Error, at now: Timestamp, logger: Logger) {
        isOngoing = true
        dependency.failed(loop, error, at: now, logger: logger)
    }

    /// Notes a success; the one with which no loop fails any more is logged.
    public mutating func worked(at now: Timestamp, logger: Logger) {
        isOngoing = false
        dependency.worked(loop, at: now, logger: logger)
    }
}
