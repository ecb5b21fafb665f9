import Shared
import TestSupport
import Testing

@Suite struct OrderFinancialsCodecTests {
    @Test("What is written is read back, and equal content is equal bytes and equal hash")
    func roundTrip() throws {
        var random = SeededGenerator(test: "Codec")
        for round in 0..<10_000 {
            let financials = SnapshotMaker.financials(using: &random, absurd: round % 2 == 0)
            let bytes = financials.encoded()
            let read = try OrderFinancials(encoded: bytes)
            #expect(read == financials)
            #expect(read.encoded() == bytes)
            #expect(read.contentHash == financials.contentHash)
            #expect(financials.contentHash.count == 16)
        }
    }

    @Test("The canonical form stays what was stored yesterday")
    func golden() throws {
        let financials = OrderFinancials(
            currency: .lira,
            exponent: 2,
            isTest: true,
            sale: SaleState(
                standing: .cancelled(Timestamp(milliseconds: 5)),
                placedAt: Timestamp(milliseconds: 4),
                detail: 2,
                goods: 100,
                discount: -10,
                giftCards: 7
            ),
            refunds: [RefundState(id: "r/1", processedAt: nil, amount: 30, tax: 4)],
            refundedTotal: 0,
            disputes: [
                DisputeState(id: "d", outcome: .won, amount: 9, fee: 1, openedAt: Timestamp(milliseconds: 6))
            ],
            redemptions: [RedemptionState(id: "c", amount: 8, processedAt: Timestamp(milliseconds: -1))]
        )
        let text = """
            {"currency":"TRY","exponent":2,"test":1,"sale":{"standing":"cancelled","cancelledAt":5,"placedAt":4,\
            "detail":2,"goods":100,"discount":-10,"giftCards":7},"refunds":[{"id":"r/1","amount":30,"tax":4}],\
            "refundedTotal":0,"disputes":[{"id":"d","outcome":"won","amount":9,"fee":1,"openedAt":6}],\
            "redemptions":[{"id":"c","amount":8,"processedAt":-1}]}
            """
        #expect(String(decoding: financials.encoded(), as: UTF8.self) == text)
        let hash = financials.contentHash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(hash.joined() == "252d4f8f935d8135e1a9cd5635774549")
    }

    @Test("A time of placing is strong unless the stored form says otherwise")
    func weakPlacedAt() throws {
        var financials = OrderFinancials(currency: .lira, exponent: 2)
        let placedAt = Timestamp(milliseconds: 4)
        financials.sale = SaleState(standing: .counting, placedAt: placedAt, hasWeakPlacedAt: true)
        let text =
            #"{"currency":"TRY","exponent":2,"sale":{"standing":"counting","placedAt":4,"weakPlacedAt":1,"detail":1}}"#
        #expect(String(decoding: financials.encoded(), as: UTF8.self) == text)
        #expect(try OrderFinancials(encoded: Array(text.utf8)) == financials)
        let older = text.replacing(#""weakPlacedAt":1,"#, with: "")
        #expect(try OrderFinancials(encoded: Array(older.utf8)).sale?.hasWeakPlacedAt == false)
    }

    @Test(
        "What is wrong is named, never trusted",
        arguments: [
            ("", ""), ("[]", ""), ("{}", "currency"), (#"{"currency":"TRYX"}"#, "currency"),
            (#"{"currency":"TRY","exponent":99}"#, "exponent"),
            (#"{"currency":"TRY","refundedTotal":"5"}"#, "refundedTotal"),
            (#"{"currency":"TRY","refundedTotal":1.5}"#, "refundedTotal"),
            (#"{"currency":"TRY","sale":{"standing":"odd"}}"#, "sale.standing"),
            (#"{"currency":"TRY","sale":{"standing":"cancelled"}}"#, "sale.cancelledAt"),
            (#"{"currency":"TRY","refunds":{}}"#, "refunds"),
            (#"{"currency":"TRY","refunds":[{"amount":1}]}"#, "refunds.id"),
            (#"{"currency":"TRY","disputes":[{"id":"d","outcome":"maybe"}]}"#, "disputes.outcome"),
        ]
    )
    func refusing(text: String, member: String) {
        #expect(throws: FinancialsCodingError(member: member)) {
            try OrderFinancials(encoded: Array(text.utf8))
        }
    }

    @Test("Damaged bytes are an error or other financials, never a trap")
    func damaged() {
        var random = SeededGenerator(test: "Damaged")
        var errors = 0
        for _ in 0..<10_000 {
            var bytes = SnapshotMaker.financials(using: &random).encoded()
            for _ in 0...2 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            do throws(FinancialsCodingError) {
                _ = try OrderFinancials(encoded: bytes)
            } catch {
                errors += 1
                #expect(error.description.contains("Stored financials"))
            }
        }
        #expect(errors > 5000)
    }
}
