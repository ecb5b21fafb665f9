import Foundation
import Shared
import TestSupport

/// Asks the dashboard for the key figures again and again, and notes how many orders they hold.
final class FigureWatch: Sendable {
    private let port: Int
    private let perSecond: Int
    private let state = Monitor<State>(State())

    private struct State {
        var seen: [(at: Double, orders: Int)] = []
        var isStopped = false
        var hasEnded = false
    }

    init(port: Int, perSecond: Int) {
        self.port = port
        self.perSecond = perSecond
    }

    /// How many orders the newest figure holds.
    var orders: Int { state.withLock { $0.seen.last?.orders ?? 0 } }

    /// Asks once, so that the first question of the measurement is not the first of the process.
    func warmUp() throws {
        _ = try Self.orders(try RawConnection(port: port))
    }

    func start() {
        Thread.detachNewThread {
            self.watch()
            self.state.withLock { $0.hasEnded = true }
        }
    }

    /// Ends the questions and returns every figure that was new.
    func stop() -> [(at: Double, orders: Int)] {
        state.withLock { $0.isStopped = true }
        _ = state.wait(until: .now + .seconds(10)) { $0.hasEnded ? true : nil }
        return state.withLock { $0.seen }
    }

    private func watch() {
        guard let connection = try? RawConnection(port: port) else { return }
        var next = Moment.now
        while !state.withLock({ $0.isStopped }) {
            guard let orders = try? Self.orders(connection) else { return }
            let at = Moment.now
            state.withLock { state in
                if orders > state.seen.last?.orders ?? 0 { state.seen.append((at, orders)) }
            }
            next = max(next + 1 / Double(perSecond), at)
            let left = next - at
            _ = state.wait(until: .now + .seconds(left)) { $0.isStopped ? true : nil }
        }
    }

    private static func orders(_ connection: RawConnection) throws -> Int {
        try connection.send("GET /dashboard/kpi HTTP/1.1\r\nhost: localhost\r\n\r\n")
        let body = try connection.nextAnswer().body
        let root = try JSONDocument(body).root
        // Both days, so that midnight may pass.
        let figures = [root["today"]["dnr"].int64, root["yesterday"]["dnr"].int64]
        return Int(figures.reduce(0) { $0 + ($1 ?? 0) } / 100)
    }
}
