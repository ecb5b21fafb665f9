import Shared
import Testing

@Suite("Fulfilment: what an update says")
struct FulfilmentNormalizeTests {
    private func read(_ fixture: DeliveredFixture, account: String, isTest: Bool = false) throws -> Normalized
    {
        try fixture.normalized(
            by: FulfilmentAdapter(),
            source: SourceID(literal: "fulfilment"),
            account: account,
            isTest: isTest
        )
    }

    @Test("one update of a generic source names its order, status, time and id")
    func one() throws {
        let fact = try #require(
            try read(DeliveredFixture("fulfilment/shipped"), account: "monolith").fulfilments.first
        )
        let account = AccountKey(source: SourceID(literal: "generic"), account: "monolith")
        #expect(fact.order == OrderKey(account: account, externalID: "5001"))
        #expect(fact.status == .shipped)
        #expect(fact.at == instant("2026-11-24T13:00:00Z"))
        #expect(fact.eventID == "f-1")
    }

    @Test("a list of updates may name the account once or per update")
    func list() throws {
        let facts = try read(DeliveredFixture("fulfilment/updates"), account: "shopify").fulfilments
        #expect(facts.map(\.status) == [.delivered, .cancelled])
        #expect(facts.map(\.order.externalID) == ["450789469", "450789470"])
        #expect(facts.map(\.order.account.source.name) == ["shopify", "shopify"])
        #expect(facts.map(\.order.account.account) == ["demo.myshopify.com", "outlet.myshopify.com"])
        #expect(facts.first?.at == instant("2025-11-24T16:00:00Z"))
        #expect(facts.first?.eventID == "450789469|delivered|2025-11-24T16:00:00.000Z")
        #expect(facts.last?.at == DeliveredFixture.receivedAt)
    }

    @Test("a test update changes nothing")
    func test() throws {
        let result = try read(DeliveredFixture("fulfilment/shipped"), account: "monolith", isTest: true)
        #expect(result.facts.isEmpty)
        #expect(result.note != nil)
    }

    @Test("an unknown status and a missing order are refused by name")
    func refused() {
        let unknown = DeadReason.unmappedShape("The field updates[1].status is no fulfilment status.")
        #expect(throws: Rejection(unknown)) {
            try read(
                DeliveredFixture(
                    text:
                        #"{"updates":[{"order_id":"1","status":"shipped"},{"order_id":"2","status":"lost"}]}"#
                ),
                account: "m"
            )
        }
        #expect(throws: Rejection(.missingField("order_id"))) {
            try read(DeliveredFixture(text: #"{"status":"shipped"}"#), account: "m")
        }
    }
}
