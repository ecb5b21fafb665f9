import NIOCore
import Shared
import Synchronization

/// The metrics of the process: what its event loops count, and how many connections they have.
final class IntakeMetrics: Sendable {
    /// What became of a request.
    enum Outcome: String, CaseIterable, Sendable {
        /// A probe that was answered.
        case served
        /// Durable in Redis.
        case queued
        /// Durable on disk; on its way to Redis.
        case spooled
        /// The signature did not verify.
        case unverified
        /// The same, and its sender's share of the quarantine was used up: not kept.
        case unkept
        /// There is no secret to verify it with, and nothing unsigned is taken.
        case unsigned
        /// Malformed, too large, unknown or otherwise refused.
        case refused
        /// Neither Redis nor the spool could take it.
        case unavailable

        /// Its place in ``allCases``.
        var index: Int {
            switch self {
            case .served: 0
            case .queued: 1
            case .spooled: 2
            case .unverified: 3
            case .unkept: 4
            case .unsigned: 5
            case .refused: 6
            case .unavailable: 7
            }
        }
    }

    /// What stays the same for the life of the process.
    struct Identity: Sendable {
        /// The id of the active pseudonym key.
        var keyID: String
        /// The program's version.
        var version: String
        /// When the process started.
        var startedAt: Timestamp
    }

    private struct State {
        var loops: [NIOLoopBound<LoopMetrics>] = []
        var connections = 0
        var connectionsRefused = 0
        var connectionsRefusedToClients = 0
    }

    private let plan: MeterPlan
    private let identity: Identity
    private let state = Mutex(State())

    init(_ router: WebhookRouter, identity: Identity) {
        plan = MeterPlan(router)
        self.identity = identity
    }

    /// Makes the counters of an event loop, on that loop.
    func makeLoopMetrics(on loop: any EventLoop) -> LoopMetrics {
        let metrics = LoopMetrics(plan)
        let bound = NIOLoopBound(metrics, eventLoop: loop)
        state.withLock { $0.loops.append(bound) }
        return metrics
    }

    // MARK: Connections

    /// Counts a connection that opened; returns false, and counts that too, when it is beyond the limit.
    func connectionOpened(limit: Int) -> Bool {
        state.withLock { state in
            state.connections += 1
            guard state.connections > limit else { return true }
            state.connectionsRefused += 1
            return false
        }
    }

    /// Counts an open connection as one that its client has too many of.
    func connectionRefusedToClient() {
        state.withLock { $0.connectionsRefusedToClients += 1 }
    }

    /// Counts a connection that closed.
    func connectionClosed() {
        state.withLock { $0.connections -= 1 }
    }

    // MARK: Scraping

    /// Asks every event loop for its figures and returns all metrics as Prometheus' text.
    func prometheusText(on loop: any EventLoop) -> EventLoopFuture<String> {
        let state = state.withLock { $0 }
        let figures = state.loops.map { bound in
            bound.eventLoop.submit { bound.value.snapshot }
        }
        let process = IntakeExposition.Process(
            identity: identity,
            loops: state.loops.count,
            connections: state.connections,
            connectionsRefused: state.connectionsRefused,
            connectionsRefusedToClients: state.connectionsRefusedToClients
        )
        return EventLoopFuture.whenAllSucceed(figures, on: loop).map { [plan] figures in
            var sum = IntakeFigures(plan)
            for part in figures { sum.add(part) }
            return IntakeExposition(figures: sum, process: process).text()
        }
    }
}
