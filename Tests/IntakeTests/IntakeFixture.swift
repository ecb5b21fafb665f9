import Logging
import Shared
import SharedRedis
import SharedRuntime
import TestSupport

@testable import growth_intake

/// An intake in this process, on a free port and a Redis of its own.
struct IntakeFixture {
    let redis: RedisServer
    let intake: RunningIntake
    /// The TCP port; 0 for a Unix socket.
    let port: Int

    var client: HTTPClient { HTTPClient(port: port) }

    func connect() throws -> RawConnection { try RawConnection(port: port) }

    /// Starts an intake, waits until it is ready, runs the body and, unless the body does, stops the intake.
    static func run(
        _ environment: [String: String] = [:],
        redis: RedisServer? = nil,
        limits: IntakeLimits = IntakeLimits(),
        loops: Int = 1,
        log: Monitor<[String]>? = nil,
        waitsUntilReady: Bool = true,
        stopsAfterwards: Bool = true,
        _ body: (IntakeFixture) async throws -> Void
    ) async throws {
        let redis = try redis ?? RedisServer()
        let server = try server(environment, redis: redis, limits: limits, loops: loops, log: log)
        let intake = try await server.start()
        let fixture = IntakeFixture(redis: redis, intake: intake, port: intake.port ?? 0)
        do {
            if waitsUntilReady, fixture.port != 0 { try fixture.waitUntilReady() }
            try await body(fixture)
        } catch {
            redis.thaw()
            if stopsAfterwards { try await intake.stop() }
            throw error
        }
        if stopsAfterwards { try await intake.stop() }
    }

    static func server(
        _ environment: [String: String],
        redis: RedisServer,
        limits: IntakeLimits = IntakeLimits(),
        loops: Int = 1,
        log: Monitor<[String]>? = nil
    ) throws -> IntakeServer {
        let defaults = ["GROWTH_INTAKE_LISTEN": "127.0.0.1:0", "GROWTH_REDIS_URL": redis.url]
        let settings = try Settings(environment: defaults.merging(environment) { $1 })
        let keyRing = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        return IntakeServer(
            settings: settings,
            redis: try RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self)),
            router: WebhookRouter(adapters: ProviderCatalog.adapters(mappings: [:])),
            pipeline: IntakePipeline(
                redactor: Redactor(keyRing: keyRing),
                keyID: keyRing.activeKeyID,
                intake: "test-intake"
            ),
            clock: ManualClock(),
            logger: logger(log),
            loopCount: loops,
            limits: limits
        )
    }

    /// A log of everything from debug on into memory, or none.
    private static func logger(_ log: Monitor<[String]>?) -> Logger {
        Logger(label: "test") { label in
            guard let log else { return SwiftLogNoOpLogHandler() }
            return JSONLogHandler(label: label, level: .debug) { line in
                log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
    }

    func waitUntilReady() throws {
        guard Eventually.holds(within: .seconds(10), { (try? client.get("/readyz").status) == 200 }) else {
            throw TestSupportError("The intake did not become ready.")
        }
    }

    // MARK: What is in Redis

    func envelopes(_ source: String = "generic", list: String = "queue") throws -> [Envelope] {
        try redis.cli("LRANGE", "growth:{\(source)}:\(list)", "0", "-1")
            .split(separator: "\n").map { try Envelope(decoding: Array($0.utf8)) }
    }

    func depth(_ source: String = "generic", list: String = "queue") throws -> Int {
        Int(try redis.cli("LLEN", "growth:{\(source)}:\(list)")) ?? -1
    }

    /// Whether the samples that have at least the labels of the line add up to its value.
    func metric(_ line: String) throws -> Bool {
        let wanted = try Exposition.sample(line)
        let samples = try Exposition(client.get("/metrics").text).samples
        let found = samples.filter { sample in
            sample.name == wanted.name && wanted.labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.reduce(0) { $0 + $1.value } == wanted.value
    }
}

/// Requests as bytes.
enum Request {
    /// A generic event with an id.
    static func event(_ id: Int = 1, padding: Int = 0) -> String {
        #"{"type":"heartbeat","id":"evt_\#(id)","pad":"\#(String(repeating: "x", count: padding))"}"#
    }

    /// A POST with Content-Length.
    static func post(
        _ path: String = "/webhooks/generic/a",
        headers: [String] = [],
        body: String = event()
    ) -> String {
        let lines = ["POST \(path) HTTP/1.1", "host: a", "content-length: \(body.utf8.count)"] + headers
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// A GET.
    static func get(_ path: String, headers: [String] = []) -> String {
        (["GET \(path) HTTP/1.1", "host: a"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }
}
