import Foundation
import MoneyCheck
import MoneyModel
import Shared
import TestSupport
import Testing

@Suite("A simulated quarter", .serialized)
struct QuarterTests {
    /// `GROWTH_QUARTER_WEBHOOKS` and `GROWTH_QUARTER_SEEDS` ask for a larger run (deploy/quarter).
    private static let environment = ProcessInfo.processInfo.environment
    private static let size = environment["GROWTH_QUARTER_WEBHOOKS"].flatMap { Int($0) } ?? 24_000
    private static let seeds =
        environment["GROWTH_QUARTER_SEEDS"]?.split(separator: ",").compactMap { UInt64($0) } ?? [20_261_123]

    @Test(
        "ends with the books of an independent model, to the minor unit: every order, payout, cell and day",
        arguments: seeds
    )
    func quarter(seed: UInt64) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        // An order makes about five deliveries, duplicates included.
        let quarter = Quarter(seed: seed, orders: Self.size / 5)
        var courier = Courier(seed: seed)
        let deliveries = courier.deliver(quarter.webhooks)
        let told = clock.now
        let run = try QuarterRun(quarter)
        try run.deliver(deliveries)
        let stored = clock.now
        let comparison = try await run.mismatches()
        print(
            "quarter: seed \(seed), \(quarter.zone.name), \(deliveries.count) webhooks of "
                + "\(quarter.orders.count) orders and \(quarter.payouts.count) payouts; told in "
                + "\(told - start), stored in \(stored - told), compared in \(clock.now - stored): "
                + "\(comparison.compared.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })"
        )
        #expect(comparison.mismatches.isEmpty, "\(comparison.mismatches.count) mismatches")
        for mismatch in comparison.mismatches.prefix(12) { Issue.record("\(mismatch)") }
    }
}
