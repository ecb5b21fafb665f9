import Foundation
import Shared
import TestSupport
import Testing

/// Every payload reaches an order, an entry, a payout, a SKU, an audit line, or a dead letter with a reason.
@Suite("Payloads", .serialized)
struct PayloadTests {
    @Test("real payloads: accepted = stored + dead, and none crashes anything")
    func real() throws {
        let deliveries = try SharedPayloads.deliveries()
        guard !deliveries.isEmpty else {
            print(
                "The folder with real payloads is not there (GROWTH_SHARED_PAYLOADS): only own fixtures were run."
            )
            return
        }
        try account(for: deliveries.map { ($0.name, $0.path, $0.headers, $0.body) })
    }

    @Test("own fixtures: accepted = stored + dead")
    func own() throws {
        let deliveries = try OwnFixtures.deliveries()
        #expect(deliveries.count > 60)
        try account(for: deliveries)
    }

    private func account(
        for deliveries: [(name: String, path: String, headers: [String: String], body: [UInt8])]
    ) throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        var accepted = 0
        for delivery in deliveries {
            let answer = try system.front.post(delivery.path, headers: delivery.headers, body: delivery.body)
            #expect(
                [200, 202].contains(answer.status),
                "\(delivery.name) was answered with \(answer.status)."
            )
            if [200, 202].contains(answer.status) { accepted += 1 }
        }
        try system.waitUntilIdle(within: .seconds(60))
        let dead = try system.deadLetters().map { try DeadLetter(decoding: Array($0.utf8)) }
        let stored = try system.count("SELECT count(*) FROM growth_inbox WHERE state <> 'QUARANTINED'")
        #expect(accepted == stored + dead.count, "accepted \(accepted), stored \(stored), dead \(dead.count)")
        for letter in dead {
            #expect(!letter.reason.code.isEmpty && !letter.reason.detail.isEmpty)
        }
        // What was stored and says nothing to us says why.
        #expect(
            try system.count("SELECT count(*) FROM growth_inbox WHERE state='NOOP' AND note IS NULL") == 0
        )
        let areAlive = system.workers.allSatisfy { $0.isRunning }
        #expect(areAlive)
        let reasons = Dictionary(grouping: dead, by: \.reason.code).mapValues(\.count).sorted {
            $0.key < $1.key
        }
        let orders = try system.count("SELECT count(*) FROM growth_order")
        let entries = try system.count("SELECT count(*) FROM growth_ledger_entry")
        print(
            "accepted \(accepted) = stored \(stored) + dead \(dead.count) \(reasons); \(orders) orders, \(entries) entries"
        )
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
    }
}
