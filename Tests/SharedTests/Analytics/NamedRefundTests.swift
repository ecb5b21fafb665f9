import Shared
import Testing

@Suite("Refunds that are told twice, and gift cards")
struct NamedRefundTests {
    @Test("A refund that is named days after the total that holds it counts once, on its own day")
    func namedLater() throws {
        let made = RefundState(id: "r", processedAt: at("2026-11-11T08:59:58Z"), amount: 500)
        let order = try project([
            snapshot("2026-11-11T09:00:00Z", refundedTotal: 500),
            snapshot("2026-11-14T09:00:00Z", refunds: [made]),
        ])
        #expect(amounts(order) == ["REFUND refund/r 2026-11-11": -500])
    }

    @Test("A refund that failed leaves nothing behind of the total that once held it")
    func failedAfterTotal() throws {
        let failed = RefundState(id: "r", processedAt: at("2026-11-11T09:00:00Z"), amount: 0, announced: 500)
        let order = try project([
            snapshot("2026-11-11T09:00:00Z", refundedTotal: 700),
            snapshot("2026-11-13T09:00:00Z", refunds: [failed]),
        ])
        #expect(amounts(order) == ["REFUND refund/total 2026-11-11": -200])
    }

    @Test("A refunded gift card takes back the liability, not revenue, also where the order is cancelled")
    func refundedGiftCard() throws {
        let placed = at("2026-11-10T09:00:00Z")
        var sale = SaleState(standing: .counting, placedAt: placed, goods: 3000, giftCards: 5000)
        let paid = snapshot(sale: sale)
        let refund = RefundState(
            id: "r",
            processedAt: at("2026-11-11T09:00:00Z"),
            amount: 6000,
            giftCards: 5000
        )
        sale.standing = .cancelled(at("2026-11-12T09:00:00Z"))
        let order = try project([
            paid, snapshot("2026-11-11T09:00:00Z", refunds: [refund]),
            snapshot("2026-11-12T09:00:00Z", sale: sale),
        ])
        #expect(
            amounts(order) == [
                "SALE  2026-11-10": 3000, "GIFT_CARD_SALE  2026-11-10": 5000,
                "REFUND refund/r 2026-11-11": -1000,
                "GIFT_CARD_SALE refund/r 2026-11-11": -5000, "REFUND cancellation 2026-11-12": -2000,
            ]
        )
    }
}
