import Foundation
import TestSupport

/// Sends webhooks at a steady rate over several connections, each waiting for its answer.
///
/// What falls behind is sent as soon as it can, so that the rate holds on average.
final class PacedLoad: Sendable {
    private let port: Int
    private let rate: Int
    private let seconds: Int
    private let connections: Int
    /// Whether the load is off; what waits for its turn waits for this.
    private let turns = Monitor(false)
    private let results = Monitor<Results>(Results())

    private struct Results {
        var accepted: [Double] = []
        var slowest = 0.0
        var problems: [String] = []
        var running = 0
    }

    init(port: Int, rate: Int, seconds: Int, connections: Int) throws {
        self.port = port
        self.rate = rate
        self.seconds = seconds
        self.connections = connections
    }

    /// The longest wait for an answer, in seconds.
    var slowestAnswer: Double { results.withLock { $0.slowest } }

    /// Sends everything; returns when each webhook was accepted, in seconds since the machine started.
    func run() throws -> [Double] {
        let start = Moment.now + 0.2
        results.withLock { $0.running = connections }
        for number in 0..<connections {
            Thread.detachNewThread { self.send(from: number, start: start) }
        }
        let isDone = results.wait(until: .now + .seconds(seconds * 4 + 60)) { $0.running == 0 ? true : nil }
        let found = results.withLock { $0 }
        guard isDone == true, found.problems.isEmpty else {
            throw TestSupportError("The load did not go through: \(found.problems.first ?? "too slow").")
        }
        return found.accepted.sorted()
    }

    private func send(from number: Int, start: Double) {
        var accepted: [Double] = []
        var slowest = 0.0
        var problem: String?
        do {
            let connection = try RawConnection(port: port)
            for index in stride(from: number, to: rate * seconds, by: connections) {
                pause(until: start + Double(index) / Double(rate))
                let sent = Moment.now
                try connection.send(Self.request(index))
                let answer = try connection.nextAnswer()
                let now = Moment.now
                guard answer.status == 202 else {
                    throw TestSupportError("The intake answered \(answer.status).")
                }
                accepted.append(now)
                slowest = max(slowest, now - sent)
            }
        } catch {
            problem = "\(error)"
            turns.withLock { $0 = true }
        }
        results.withLock { results in
            results.accepted += accepted
            results.slowest = max(results.slowest, slowest)
            if let problem { results.problems.append(problem) }
            results.running -= 1
        }
    }

    /// Waits until its turn comes, or another connection has failed.
    private func pause(until moment: Double) {
        let left = moment - Moment.now
        guard left > 0 else { return }
        _ = turns.wait(until: .now + .seconds(left)) { $0 ? true : nil }
    }

    /// An order of one lira that was paid just now.
    private static func request(_ number: Int) -> [UInt8] {
        let time = Date().formatted(.iso8601)
        let body = """
            {"type":"order.paid","id":"evt-\(number)","occurred_at":"\(time)","order":{"id":"\(number)",\
            "number":"#\(number)","currency":"TRY","total":"1.18","tax":"0.18","status":"paid",\
            "placed_at":"\(time)","updated_at":"\(time)","items":[{"sku":"MUG-\(number % 50)","title":"Mug",\
            "quantity":1,"price":"1.00"}]},"customer":{"id":"c\(number % 5000)",\
            "email":"someone\(number % 5000)@example.com"}}
            """
        let head = """
            POST /webhooks/generic/measure HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
            content-length: \(body.utf8.count)\r\n\r\n
            """
        return Array((head + body).utf8)
    }
}

/// The machine's steady clock, in seconds.
enum Moment {
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
