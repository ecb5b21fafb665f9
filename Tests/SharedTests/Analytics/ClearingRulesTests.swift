import Shared
import Testing

@Suite("Rules that clear without a payout")
struct ClearingRulesTests {
    private let sources = [SourceID(literal: "shopier"), SourceID(literal: "generic")]

    @Test("are read exactly or not at all")
    func reading() throws {
        let rules = try #require(
            ClearingRules(afterDays: "shopier=14, generic=365", onPaid: "generic", sources: sources)
        )
        #expect(rules.afterDays == [sources[0]: 14, sources[1]: 365] && rules.onPaid == [sources[1]])
        #expect(rules.sources == [sources[1], sources[0]])
        #expect(ClearingRules(afterDays: "", onPaid: "", sources: sources) == ClearingRules())
        for (days, paid) in [
            ("shopier", ""), ("shopier=0", ""), ("shopier=366", ""), ("shopier=x", ""), ("nobody=14", ""),
            ("shopier=14,shopier=15", ""), ("shopier=14,", ""), ("", "nobody"), ("", "generic,generic"),
            ("", "generic,"),
        ] {
            #expect(
                ClearingRules(afterDays: days, onPaid: paid, sources: sources) == nil,
                "\(days) \(paid)"
            )
        }
    }

    @Test("an open dispute holds everything; only sent orders age; only paid ones are paid")
    func evidence() throws {
        let rules = try #require(
            ClearingRules(afterDays: "shopier=14", onPaid: "generic", sources: sources)
        )
        let now = Timestamp(milliseconds: 100 * 86_400_000)
        let old = Timestamp(milliseconds: 86 * 86_400_000)
        func evidence(
            _ source: Int,
            paid: String? = nil,
            sent: String? = nil,
            disputed: Bool = false,
            at instant: Timestamp? = nil
        ) -> ClearingEvidence? {
            let order = ClearingRules.Order(
                source: sources[source],
                financialStatus: paid,
                fulfillmentStatus: sent,
                hasOpenDispute: disputed
            )
            return rules.evidence(of: order, effectiveAt: instant ?? old, now: now)
        }
        #expect(evidence(0, sent: "shipped") == .age && evidence(0, sent: "delivered") == .age)
        #expect(evidence(0, sent: "shipped", at: old.advanced(byMilliseconds: 1)) == nil)
        for sent in ["unfulfilled", "in_progress", "returned", "cancelled", nil] {
            #expect(evidence(0, paid: "paid", sent: sent) == nil)
        }
        for paid in ["paid", "partially_refunded", "refunded"] {
            #expect(evidence(1, paid: paid) == .provider)
        }
        for paid in ["pending", "authorized", "partially_paid", "voided", nil] {
            #expect(evidence(1, paid: paid, sent: "shipped") == nil)
        }
        #expect(evidence(0, sent: "shipped", disputed: true) == nil)
        #expect(evidence(1, paid: "paid", disputed: true) == nil)
        #expect(evidence(1, paid: "paid", at: now.advanced(byMilliseconds: 1)) == nil)
    }
}
