import Foundation
import TestSupport

/// Sends webhooks at a steady rate over several connections, each waiting for its answer.
///
/// What falls behind is sent as soon as it can, so that the rate holds on average. One thread serves all
/// connections and parses no more of an answer than it needs: who sends shares the machine with what is
/// measured.
struct PacedLoad {
    /// A connection, and what its request in flight has got so far.
    private struct Channel {
        let connection: RawConnection
        var sentAt = 0.0
        var answer: [UInt8] = []
    }

    private let rate: Int
    private let total: Int
    private let deadline: ContinuousClock.Instant
    private var channels: [Channel]
    private var waits: [pollfd]
    private var free: [Int]
    private var orders = OrderRequests()
    private var chunk = [UInt8](repeating: 0, count: 4096)
    /// When each webhook was accepted, in seconds since the machine started.
    private(set) var accepted: [Double] = []
    /// The longest wait for an answer, in seconds.
    private(set) var slowestAnswer = 0.0

    /// Connects to the intake.
    init(port: Int, rate: Int, seconds: Int, connections: Int) throws {
        self.rate = rate
        total = rate * seconds
        deadline = .now + .seconds(seconds * 4 + 60)
        channels = try (0..<connections).map { _ in Channel(connection: try RawConnection(port: port)) }
        waits = channels.map { _ in pollfd(fd: -1, events: Int16(POLLIN), revents: 0) }
        free = Array(channels.indices)
        accepted.reserveCapacity(total)
    }

    /// Sends everything and returns when all of it was accepted.
    mutating func run() throws {
        let start = Moment.now
        var next = 0
        while accepted.count < total {
            guard ContinuousClock.now < deadline else {
                throw TestSupportError("The load did not go through: too slow.")
            }
            var left = 1.0
            while next < total, !free.isEmpty {
                left = start + Double(next) / Double(rate) - Moment.now
                guard left <= 0 else { break }
                try send(next, on: free.removeLast())
                next += 1
            }
            let isPaced = next < total && !free.isEmpty
            _ = poll(&waits, nfds_t(waits.count), isPaced ? max(1, Int32(left * 1000)) : 1000)
            for index in waits.indices where waits[index].revents != 0 { try receive(on: index) }
        }
    }

    private mutating func send(_ number: Int, on index: Int) throws {
        let request = orders.request(number)
        channels[index].sentAt = Moment.now
        // A request is small, and alone on its connection.
        guard channels[index].connection.sendWhatFits(request) == request.count else {
            throw TestSupportError("The intake took no request.")
        }
        waits[index].fd = channels[index].connection.descriptor
    }

    private mutating func receive(on index: Int) throws {
        let count = recv(waits[index].fd, &chunk, chunk.count, 0)
        let now = Moment.now
        guard count > 0 else { throw TestSupportError("The intake hung up.") }
        channels[index].answer += chunk[..<count]
        guard let status = Self.status(ofWhole: channels[index].answer) else { return }
        guard status == 202 else { throw TestSupportError("The intake answered \(status).") }
        channels[index].answer.removeAll(keepingCapacity: true)
        waits[index].fd = -1
        free.append(index)
        accepted.append(now)
        slowestAnswer = max(slowestAnswer, now - channels[index].sentAt)
    }

    /// The status of an answer; nil while the body that its Content-Length announces is not all there.
    private static func status(ofWhole answer: [UInt8]) -> Int? {
        guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)),
            let length = number(after: "content-length: ", in: answer[..<end.lowerBound]),
            answer.count - end.upperBound >= length
        else { return nil }
        return number(after: "HTTP/1.1 ", in: answer[..<end.lowerBound])
    }

    private static func number(after name: String, in head: ArraySlice<UInt8>) -> Int? {
        guard let found = head.firstRange(of: Array(name.utf8)) else { return nil }
        let digits = head[found.upperBound...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

/// Orders of one lira that were paid just now.
private struct OrderRequests {
    private var second: time_t = 0
    private var text = ""

    mutating func request(_ number: Int) -> [UInt8] {
        let now = Foundation.time(nil)
        if now != second {
            second = now
            text = Date(timeIntervalSince1970: TimeInterval(now)).formatted(.iso8601)
        }
        let body = """
            {"type":"order.paid","id":"evt-\(number)","occurred_at":"\(text)","order":{"id":"\(number)",\
            "number":"#\(number)","currency":"TRY","total":"1.18","tax":"0.18","status":"paid",\
            "placed_at":"\(text)","updated_at":"\(text)","items":[{"sku":"MUG-\(number % 50)","title":"Mug",\
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
