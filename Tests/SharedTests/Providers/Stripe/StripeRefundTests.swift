import Foundation
import Shared
import TestSupport
import Testing

@Suite("Stripe refunds, disputes and payouts")
struct StripeRefundTests {
    private func financials(_ fixture: String) throws -> OrderFinancials {
        try #require(try StripeDelivery(fixture).normalized().order?.financials)
    }

    private func seconds(_ value: Int64) throws -> Timestamp {
        try #require(Timestamp(seconds: value))
    }

    @Test("A charge lists its refunds; a pending one has no money yet and is taken out of the total")
    func listed() throws {
        // 250.00 refunded, of which 150.00 are pending and 100.00 succeeded: the list explains all of it.
        let money = try financials("charge-refunded")
        let pending = RefundState(
            id: "re_2",
            processedAt: try seconds(1_795_000_000),
            amount: 0,
            announced: 15000
        )
        let done = RefundState(id: "re_1", processedAt: try seconds(1_794_998_000), amount: 10000)
        #expect(money.refunds == [pending, done])
        #expect(money.refundedTotal == nil)
        #expect(money.sale?.goods == 71970)
    }

    @Test("A charge without a list states a running total")
    func runningTotal() throws {
        let money = try financials("charge-refunded-no-list")
        #expect(money.refunds == [])
        #expect(money.refundedTotal == 25000)
    }

    @Test("A refund is the same state by itself as in its charge's list; a failed one has no money")
    func single() throws {
        let listed = try financials("charge-refunded").refunds
        let fact = try #require(try StripeDelivery("refund-created").normalized().order)
        #expect(fact.financials?.refunds == listed.filter { $0.id == "re_1" })
        #expect(fact.header == nil)
        #expect(fact.key.externalID == "pi_3SXa01")
        let failed = try financials("refund-failed").refunds
        #expect(failed.map(\.amount) == [0])
        // The charge's running total held it once.
        #expect(failed.allSatisfy { $0.announced > 0 })
    }

    @Test("A won dispute brings back the amount, and the part of the fee that Stripe returned")
    func dispute() throws {
        // Withdrawn 719.70 with a fee of 500.00; reinstated 719.70, and 200.00 of the fee.
        let expected = DisputeState(
            id: "dp_1SXa",
            outcome: .won,
            amount: 71970,
            fee: 50000,
            feeReturned: 20000,
            openedAt: try seconds(1_795_100_000),
            closedAt: try seconds(1_796_000_000)
        )
        #expect(try financials("dispute-won").disputes == [expected])
    }

    @Test(
        "A dispute's status decides what happens to the money",
        arguments: [
            ("needs_response", DisputeState.Outcome.open), ("under_review", .open), ("lost", .lost),
            ("warning_needs_response", .harmless), ("warning_closed", .harmless), ("prevented", .harmless),
            ("brand_new", .open),
        ]
    )
    func outcomes(status: String, outcome: DisputeState.Outcome) throws {
        let result = try StripeDelivery("dispute-won")
            .replacing("\"status\": \"won\"", with: "\"status\": \"\(status)\"").normalized()
        #expect(result.order?.financials?.disputes.first?.outcome == outcome)
        #expect((result.note != nil) == (status == "brand_new"))
    }

    @Test(
        "A payout is told with its status; its lines are not part of the event",
        arguments: [
            ("pending", PayoutFact.Status.scheduled), ("in_transit", .inTransit), ("paid", .paid),
            ("failed", .failed), ("canceled", .canceled),
        ]
    )
    func payout(word: String, status: PayoutFact.Status) throws {
        let result = try StripeDelivery("payout-paid")
            .replacing("\"status\": \"paid\"", with: "\"status\": \"\(word)\"").normalized()
        let expected = PayoutFact(
            account: AccountKey(source: StripeAdapter().source, account: ""),
            externalID: "po_1SXa",
            currency: .lira,
            exponent: 2,
            netMinor: 1_250_000,
            status: status,
            issuedAt: try seconds(1_795_150_000),
            paidAt: status == .paid ? try seconds(1_795_305_600) : nil,
            observedAt: try seconds(1_795_306_000)
        )
        #expect(result.facts == [.payout(expected)])
    }

    @Test("Events about other things are notes", arguments: ["charge-failed", "balance-available"])
    func notes(fixture: String) throws {
        let result = try StripeDelivery(fixture).normalized()
        #expect(result.facts.isEmpty)
        #expect(result.note != nil)
    }

    @Test("What the intake takes out, the adapter does not miss")
    func redactionKeepsMoney() throws {
        let folder = ProviderFixture.folder.appending(path: "stripe")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }
        #expect(files.count >= 15)
        for file in files {
            let delivery = try StripeDelivery(String(file.dropLast(5)))
            #expect(try delivery.normalized() == delivery.normalizedWithoutRedaction(), "\(file)")
        }
    }

    @Test("Every published payload gives facts, a note, or a rejection with a name")
    func publishedPayloads() throws {
        var facts = 0
        for file in try ProviderFixture.sharedFiles("stripe") {
            for body in try ProviderFixture.bodies(in: file) {
                let delivery = StripeDelivery(json: String(decoding: body.rawBytes, as: UTF8.self))
                for attempt in [delivery.normalized, delivery.normalizedWithoutRedaction] {
                    do {
                        let result = try attempt()
                        #expect(!result.facts.isEmpty || result.note != nil, "\(file.path)")
                        facts += result.facts.count
                    } catch let rejection as Rejection {
                        #expect(!rejection.reason.code.isEmpty && !rejection.reason.detail.isEmpty)
                    }
                }
            }
        }
        if ProviderFixture.sharedPayloads != nil { #expect(facts >= 10) }
    }
}
