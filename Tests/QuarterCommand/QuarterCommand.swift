import ArgumentParser
import Foundation
import MoneyCheck
import MoneyModel
import Shared
import TestSupport

/// Sends a simulated quarter through Redis and the worker's program, and compares the books with a model.
@main
struct QuarterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy/quarter",
        abstract: "Sends a simulated quarter through the worker and compares the books with a model.",
        discussion: """
            Ends with 0 when every order, payout, cell and day is the model's to the minor unit, else with \
            1. docs/simulated-quarter.md says more.
            """
    )

    @Option(help: "Seed of the story; may be repeated.")
    var seed: [UInt64] = [1]
    @Option(help: "Webhooks, about.")
    var webhooks = 200_000
    @Option(help: "Workers.")
    var workers = 1

    func validate() throws {
        guard (100...5_000_000).contains(webhooks), (1...16).contains(workers) else {
            throw ValidationError("A number is out of range.")
        }
    }

    func run() async throws {
        var hasFailed = false
        for seed in seed {
            let isGood = try await run(seed: seed)
            hasFailed = hasFailed || !isGood
        }
        if hasFailed { throw ExitCode(1) }
    }

    private func run(seed: UInt64) async throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        let quarter = Quarter(seed: seed, orders: Int(Double(webhooks) / 4.06))
        var courier = Courier(seed: seed)
        let deliveries = courier.deliver(quarter.webhooks)
        let redis = try RedisServer()
        let books = try QuarterBooks(quarter)
        let told = clock.now
        try load(deliveries, into: redis)
        let loaded = clock.now
        try work(redis, books)
        let worked = clock.now
        var comparison = QuarterComparison(books)
        try await comparison.compare()
        let seconds = Double((worked - loaded).components.seconds) + 0.5
        print(
            """
            seed \(seed) in \(quarter.zone.name): \(deliveries.count) webhooks, \
            \(quarter.orders.count) orders, \(quarter.payouts.count) payouts; told in \(told - start), \
            taken in and queued in \(loaded - told), \
            worked off in \(worked - loaded) (\(Int(Double(deliveries.count) / seconds))/s), compared in \
            \(clock.now - worked)
            compared: \(comparison.compared.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" })
            mismatches: \(comparison.mismatches.count)
            """
        )
        for mismatch in comparison.mismatches.prefix(20) { print(mismatch) }
        return comparison.mismatches.isEmpty
    }

    /// Lets the intake's pipeline take the deliveries, and puts their envelopes on the queues.
    private func load(_ deliveries: [Webhook], into redis: RedisServer) throws {
        var intake = try MoneyIntake()
        for start in stride(from: 0, to: deliveries.count, by: 20_000) {
            var queues: [String: [[UInt8]]] = [:]
            for delivery in deliveries[start..<min(start + 20_000, deliveries.count)] {
                let (source, line) = try intake.receive(delivery)
                queues[source.name, default: []].append(line)
            }
            _ = try RedisLoad(redis).push(queues)
        }
    }

    /// Runs workers until the queues are empty.
    private func work(_ redis: RedisServer, _ books: QuarterBooks) throws {
        let settings = [
            "GROWTH_REDIS_URL": redis.unixURL, "GROWTH_DATABASE_URL": "sqlite:\(books.path)",
            "GROWTH_HOME": URL(filePath: books.path).deletingLastPathComponent().path,
            "GROWTH_TIMEZONE": books.quarter.zone.name, "GROWTH_BASE_CURRENCY": books.quarter.base.code,
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())", "GROWTH_LOG_LEVEL": "warning",
        ]
        let processes = try (0..<workers).map { _ in
            try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
        }
        defer { for process in processes { process.kill() } }
        let isDone = Eventually.holds(within: .seconds(3600)) {
            let depth = try? ProcessRunner.run(
                BuiltPrograms.path("growthctl"),
                ["queue", "depth", "--fail-unless-empty"],
                environment: settings
            )
            return depth?.isSuccess ?? false
        }
        for process in processes {
            process.terminate()
            _ = try process.waitForExit(within: .seconds(60))
        }
        guard isDone else { throw TestSupportError("The workers did not finish within an hour.") }
    }
}
