import Logging
import Shared
import SharedRuntime
import TestSupport
import Testing

@Suite("JSON log")
struct JSONLogHandlerTests {
    private let lines = Monitor<[[UInt8]]>([])

    private func logger(_ level: Logger.Level = .info) -> Logger {
        let lines = lines
        return Logger(label: "test") { label in
            JSONLogHandler(label: label, level: level, clock: ManualClock()) { line in
                lines.withLock { $0.append(line) }
            }
        }
    }

    private func documents() throws -> [JSONValue] {
        try lines.withLock { $0 }.map { line in
            #expect(line.last == 0x0A)
            #expect(!line.dropLast().contains(0x0A) && !line.contains(0x0D))
            return try JSONDocument(Array(line.dropLast())).root
        }
    }

    @Test("writes one line of JSON per record, with time, level, label, message and details")
    func record() throws {
        var log = logger()
        log[metadataKey: "worker"] = "w1"
        log.warning("The lane lost its lease.", metadata: ["queue": "generic", "worker": "w2"])
        let root = try #require(try documents().first)
        #expect(
            root["at"].string == "2026-11-23T10:00:00Z" || root["at"].string == "2026-11-23T10:00:00.000Z"
        )
        #expect(root["level"].string == "warning")
        #expect(root["label"].string == "test")
        #expect(root["message"].string == "The lane lost its lease.")
        #expect(root["queue"].string == "generic")
        #expect(root["worker"].string == "w2")
    }

    @Test(
        "stays one line of valid JSON whatever it is given",
        arguments: [
            "\"", "\\", "a\nb\r\nc", "\u{0}\u{1}\u{1F}\u{7F}", "\u{2028}\u{2029}", "</script>", "{\"a\":1}",
            "emoji 👩‍👧 é ı İ", "\u{1B}[31mred", String(repeating: "x", count: 100_000),
        ]
    )
    func hostile(text: String) throws {
        logger().info("\(text)", metadata: ["key \(text.prefix(100))": "\(text)", "list": [.string(text)]])
        let root = try #require(try documents().first)
        #expect(root["message"].string == text)
        #expect(root["key \(text.prefix(100))"].string == text)
    }

    @Test("lets no detail overwrite what every record has")
    func ownKeys() throws {
        logger().info(
            "The message.",
            metadata: ["message": "forged", "level": "trace", "at": "never", "label": "x"]
        )
        let root = try #require(try documents().first)
        #expect(root["message"].string == "The message.")
        #expect(root["message_"].string == "forged")
        #expect(root["level"].string == "info")
        #expect(root["level_"].string == "trace")
    }

    @Test("tells the error of a record, and leaves out what is below the level")
    func levelAndError() throws {
        struct Failure: Error {}
        let log = logger(.warning)
        log.info("Nothing.")
        log.error("It failed.", error: Failure())
        let all = try documents()
        #expect(all.count == 1)
        #expect(all.first?["error"].string == "Failure()")
    }

    @Test("logs an outage once, and once that it is over with how long it took")
    func outage() throws {
        let log = logger()
        var outage = Outage(of: "redis")
        let clock = ManualClock()
        let error = QueueError(code: .unreachable, message: "No answer.")
        outage.worked(at: clock.now, logger: log)
        #expect(!outage.isOngoing)
        for _ in 0..<5 {
            outage.failed(error, at: clock.now, logger: log)
            clock.advance(byMilliseconds: 500)
        }
        #expect(outage.isOngoing)
        outage.worked(at: clock.now, logger: log)
        outage.worked(at: clock.now, logger: log)
        outage.failed(error, at: clock.now, logger: log)
        let all = try documents()
        #expect(all.map { $0["level"].string } == ["error", "notice", "error"])
        #expect(all.first?["error"].string == "No answer.")
        #expect(all[1]["down_seconds"].string == "2.5")
    }

    @Test("loops that share a dependency log its outage once, whoever notices it and in whatever order")
    func sharedOutage() throws {
        let log = logger()
        let redis = DependencyState("redis")
        var loops = (0..<3).map { _ in Outage(of: redis) }
        let clock = ManualClock()
        let error = QueueError(code: .unreachable, message: "No answer.")
        for index in loops.indices { loops[index].failed(error, at: clock.now, logger: log) }
        clock.advance(byMilliseconds: 3000)
        for index in loops.indices {
            #expect(try documents().count == 1)
            loops[index].worked(at: clock.now, logger: log)
            #expect(!loops[index].isOngoing)
        }
        #expect(try documents().map { $0["level"].string } == ["error", "notice"])
        #expect(try documents().last?["down_seconds"].string == "3.0")
    }

    @Test("a loop that failed and has nothing more to do hides neither the end of an outage nor the next one")
    func silentLoop() throws {
        let log = logger()
        let database = DependencyState("database")
        var (lane, watchdog) = (Outage(of: database), Outage(of: database))
        let clock = ManualClock()
        let error = QueueError(code: .unreachable, message: "No answer.")
        lane.failed(error, at: clock.now, logger: log)
        clock.advance(byMilliseconds: 60_000)
        watchdog.worked(at: clock.now, logger: log)
        #expect(try documents().count == 1)
        clock.advance(byMilliseconds: 60_000)
        watchdog.worked(at: clock.now, logger: log)
        watchdog.failed(error, at: clock.now, logger: log)
        #expect(try documents().map { $0["level"].string } == ["error", "notice", "error"])
    }

    @Test("an outage that goes on for another reason tells that one too, once it stands for half a minute")
    func changedReason() throws {
        let log = logger()
        let redis = DependencyState("redis")
        var (lane, watchdog) = (Outage(of: redis), Outage(of: redis))
        let clock = ManualClock()
        let closed = QueueError(code: .unreachable, message: "Server closed the connection.")
        let password = QueueError(code: .unreachable, message: "NOAUTH Authentication required.")
        // At first each loop sees something else.
        for error in [closed, password, closed, password] {
            lane.failed(error, at: clock.now, logger: log)
            clock.advance(byMilliseconds: 29_000)
            watchdog.failed(error, at: clock.now, logger: log)
        }
        #expect(try documents().map { $0["error"].string } == [closed.message])
        clock.advance(byMilliseconds: 1000)
        for _ in 0..<100 {
            lane.failed(password, at: clock.now, logger: log)
            watchdog.failed(password, at: clock.now, logger: log)
            clock.advance(byMilliseconds: 1000)
        }
        #expect(try documents().map { $0["error"].string } == [closed.message, password.message])
        #expect(try documents().last?["message"].string?.contains("still down") == true)
    }
}
