import Shared
import Testing

@Suite("Standing of Shopify orders")
struct ShopifyStandingTests {
    static let cancelledAt = "2026-11-21T08:00:00+03:00"

    /// Payment status as it stands in the JSON, and how such an order counts while it stands and cancelled.
    static let cases: [(status: String, standing: SaleState.Standing, isCaptured: Bool)] = [
        ("\"paid\"", .counting, true), ("\"partially_paid\"", .counting, true),
        ("\"partially_refunded\"", .counting, true), ("\"refunded\"", .counting, true),
        ("\"authorized\"", .counting, false), ("\"pending\"", .unpaid, false), ("null", .unpaid, false),
        ("\"brand_new\"", .unpaid, false), ("\"voided\"", .voided, false), ("\"expired\"", .voided, false),
    ]

    private func standing(_ status: String, cancelled: Bool) throws -> SaleState.Standing? {
        var delivery = try ShopifyDelivery("order-paid", topic: "orders/updated")
            .replacing("\"financial_status\": \"paid\"", with: "\"financial_status\": \(status)")
        if cancelled {
            delivery = delivery.replacing(
                "\"cancelled_at\": null",
                with: "\"cancelled_at\": \"\(Self.cancelledAt)\""
            )
        }
        return try delivery.normalized().order?.financials?.sale?.standing
    }

    @Test("The payment status decides whether an order counts", arguments: cases)
    func open(status: String, standing: SaleState.Standing, isCaptured: Bool) throws {
        #expect(try self.standing(status, cancelled: false) == standing)
    }

    @Test("A cancelled order is reversed when it was captured, void when it was not", arguments: cases)
    func cancelled(status: String, standing: SaleState.Standing, isCaptured: Bool) throws {
        let instant = try ProviderFixture.time(Self.cancelledAt)
        #expect(try self.standing(status, cancelled: true) == (isCaptured ? .cancelled(instant) : .voided))
    }
}
