import Foundation
import MoneyCheck
import MoneyModel
import Shared
import TestSupport
import Testing

@Suite("A quarter through the worker's program", .serialized)
struct WorkerProcessTests {
    @Test("ends with the model's books, over a real Redis and with workers killed on the way")
    func worker() async throws {
        let quarter = Quarter(seed: 20_261_124, orders: 250)
        var courier = Courier(seed: quarter.seed)
        let deliveries = courier.deliver(quarter.webhooks)
        let redis = try RedisServer()
        let run = try QuarterRun(quarter)
        var intake = try MoneyIntake()
        var queues: [String: [[UInt8]]] = [:]
        for delivery in deliveries {
            let (source, line) = try intake.receive(delivery)
            queues[source.name, default: []].append(line)
        }
        let settings = [
            "GROWTH_REDIS_URL": redis.url, "GROWTH_DATABASE_URL": "sqlite:\(run.books.path)",
            "GROWTH_HOME": URL(filePath: run.books.path).deletingLastPathComponent().path,
            "GROWTH_TIMEZONE": quarter.zone.name, "GROWTH_BASE_CURRENCY": "TRY", "GROWTH_LEASE_SECONDS": "1",
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())", "GROWTH_BATCH_SIZE": "64",
        ]
        #expect(try RedisLoad(redis).push(queues) == deliveries.count)
        for _ in 0..<3 {
            let worker = try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
            let stored = try self.stored(run)
            _ = Eventually.holds(within: .seconds(5)) { ((try? self.stored(run)) ?? 0) > stored + 200 }
            worker.kill()
            _ = try worker.waitForExit()
        }
        let worker = try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
        let isDone = Eventually.holds(within: .seconds(60)) {
            let depth = try? ProcessRunner.run(
                BuiltPrograms.path("growthctl"),
                ["queue", "depth", "--fail-unless-empty"],
                environment: settings
            )
            return depth?.isSuccess ?? false
        }
        #expect(isDone, "\(worker.errors.suffix(2000))")
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(30)) == .code(0))
        let comparison = try await run.mismatches()
        for mismatch in comparison.mismatches.prefix(8) { Issue.record("\(mismatch)") }
        #expect(comparison.mismatches.isEmpty)
    }

    private func stored(_ run: QuarterRun) throws -> Int {
        Int(try run.books.rows("SELECT count(*) FROM growth_inbox")[0][0]) ?? 0
    }
}
