import Foundation
import Shared
import SharedRedis
import SharedStore
import TestSupport
import Testing

/// An operator's console: growthctl as built, with a Redis and a folder of its own.
final class Console: Sendable {
    let redis: RedisServer
    let home: TemporaryDirectory
    private let extra: [String: String]

    init(
        redis options: RedisServer.Options = .init(appendOnly: true),
        settings: [String: String] = [:]
    ) throws {
        redis = try RedisServer(options)
        home = try TemporaryDirectory()
        extra = settings
    }

    var environment: [String: String] {
        ["GROWTH_HOME": home.path, "GROWTH_REDIS_URL": redis.url, "GROWTH_LEASE_SECONDS": "2"]
            .merging(extra) { $1 }
    }

    /// Runs growthctl.
    func run(_ arguments: String..., settings: [String: String] = [:]) throws -> ProcessRunner.Result {
        try Self.run("growthctl", arguments, environment.merging(settings) { $1 })
    }

    /// Runs growthctl with `--json` and reads what it printed.
    func json(_ arguments: String...) throws -> JSONValue {
        let result = try Self.run("growthctl", arguments + ["--json"], environment)
        return try JSONDocument(Array(result.output.utf8)).root
    }

    /// Starts a worker, waits until every queue is empty, and ends it.
    func work(_ settings: [String: String] = [:]) throws {
        let worker = try ProcessRunner.start(
            BuiltPrograms.path("growth-worker"),
            environment: environment.merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }
                .merging(settings) { $1 }
        )
        let isDone = try Eventually.holds(within: .seconds(30)) {
            try run("queue", "depth", "--fail-unless-empty").isSuccess
        }
        worker.terminate()
        let exit = try worker.waitForExit(within: .seconds(40))
        guard isDone, exit == .code(0) else {
            throw TestSupportError("The worker did not do its work (\(exit)): \(worker.errors.suffix(2000))")
        }
    }

    /// Puts envelopes on a list, as they are.
    func push(_ envelopes: [[UInt8]], to key: String) throws {
        let client = RedisClient(try RedisURL(redis.url), RedisConnection.Options(clientName: "test"))
        var command = RedisCommand("RPUSH", key)
        command.append(envelopes)
        _ = try client.send(command)
    }

    static func run(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String]
    ) throws -> ProcessRunner.Result {
        let plain: [String: String?] = environment.mapValues { $0 }
        return try ProcessRunner.run(
            BuiltPrograms.path(program),
            arguments,
            environment: plain,
            limit: .seconds(30)
        )
    }
}

extension SQLiteStore.Configuration {
    /// The database that growthctl has in that folder.
    static func of(_ home: TemporaryDirectory) throws -> Self {
        Self(
            path: home.file("growth_engine.db"),
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            baseCurrency: .lira,
            signalSources: []
        )
    }
}

/// Envelopes as the intake makes them, told apart by their ids.
enum Jobs {
    static func id(_ number: Int) -> String {
        let digits = String(number)
        return "01KATQ" + String(repeating: "0", count: 20 - digits.count) + digits
    }

    /// An order of a generic source in its canonical shape.
    static func order(
        _ number: Int,
        account: String = "shop",
        receivedAt: Timestamp = EnvelopeFixture.receivedAt
    ) throws -> [UInt8] {
        try make(
            number,
            account,
            receivedAt,
            """
            {"type":"order.paid","id":"evt_\(number)","occurred_at":"2026-11-23T09:00:00Z",
             "order":{"id":"\(number)","currency":"TRY","placed_at":"2026-11-23T09:00:00Z",
             "updated_at":"2026-11-23T09:00:00Z","status":"paid",
             "items":[{"sku":"MUG-1","title":"Mug","quantity":1,"price":"10.00"}]}}
            """
        )
    }

    /// An order whose type has a word of its own, which only a mapping makes readable.
    static func foreignOrder(_ number: Int) throws -> [UInt8] {
        let text = String(decoding: try order(number), as: UTF8.self)
        return Array(text.replacing("order.paid", with: "sold").utf8)
    }

    /// What makes ``foreignOrder(_:)`` readable.
    static let mapping = """
        {"fields":{"type":"/type","order.id":"/order/id","order.currency":"/order/currency",
         "order.placed_at":"/order/placed_at","order.updated_at":"/order/updated_at",
         "order.status":"/order/status"},
         "values":{"type":{"sold":"order.paid"}},
         "items":{"at":"/order/items","fields":{"sku":"/sku","quantity":"/quantity","price":"/price"}}}
        """

    private static func make(
        _ number: Int,
        _ account: String,
        _ receivedAt: Timestamp,
        _ json: String
    ) throws -> [UInt8] {
        let fixture = try EnvelopeFixture(
            path: "/webhooks/generic/\(account)",
            body: Array(json.utf8),
            receivedAt: receivedAt
        )
        let text = String(decoding: fixture.line, as: UTF8.self)
        return Array(text.replacing(EnvelopeFixture.id, with: id(number)).utf8)
    }
}
