import Shared
import Testing

/// Canonical events walked through the projection, to the minor unit.
@Suite("Generic: what events come to together")
struct GenericProjectionTests {
    private func sums(_ names: [String]) throws -> [LedgerKind: Int64] {
        var snapshots: [OrderSnapshot] = []
        for (index, name) in names.enumerated() {
            let result = try GenericNormalizeTests.read(DeliveredFixture("generic/\(name)"))
            let order = try #require(result.orders.first)
            let financials = try #require(order.financials)
            snapshots.append(
                OrderSnapshot(
                    observedAt: order.observedAt,
                    contentHash: [UInt8(index)],
                    financials: financials
                )
            )
        }
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        let projected = try OrderProjection.project(snapshots.reversed(), calendar: calendar)
        var sums: [LedgerKind: Int64] = [:]
        for (cell, amount) in projected.cells { sums[cell.kind, default: 0] += amount.amountMinor }
        return sums.filter { $0.value != 0 }
    }

    @Test("a cancellation that states no amount reverses what refunds have left")
    func bareCancellation() throws {
        // Sold: 130.00 - 10.00 + 29.90 + 22.87 = 172.77. Refunded: 30.00 (5.00 shipping, 4.00 tax, 21.00
        // goods). Left: 142.77 = tax 18.87 + shipping 24.90 + goods 99.00.
        let sums = try sums(["order-paid", "refund-partial", "cancelled-bare"])
        #expect(
            sums == [
                .sale: 13_000, .discount: -1_000, .shipping: 2_990, .tax: 2_287, .refund: -12_000,
                .refundShipping: -2_990, .refundTax: -2_287,
            ]
        )
        #expect(sums.values.reduce(0, +) == 0)
    }

    @Test("a won dispute gives back its amount and the part of the fee that came back")
    func wonDispute() throws {
        // Fee 50.00 when opened, of which 20.00 came back: 30.00 stays.
        let sums = try sums(["order-paid", "dispute-opened", "dispute-won"])
        #expect(sums[.chargeback] == -17_277)
        #expect(sums[.chargebackReversal] == 17_277)
        #expect(sums[.fee] == -5_000)
        #expect(sums[.feeReversal] == 2_000)
    }

    @Test("a cancellation of unknown standing voids an order that never counted")
    func cancelledUnpaid() throws {
        let placed = try GenericNormalizeTests.read(
            DeliveredFixture(
                text:
                    #"{"type":"order.created","occurred_at":"2026-11-23T10:00:00Z","order":{"id":"5001","currency":"TRY","total":"80"}}"#
            )
        )
        let cancelled = try GenericNormalizeTests.read(DeliveredFixture("generic/cancelled-bare"))
        var snapshots: [OrderSnapshot] = []
        for (index, order) in (placed.orders + cancelled.orders).enumerated() {
            let financials = try #require(order.financials)
            snapshots.append(
                OrderSnapshot(
                    observedAt: order.observedAt,
                    contentHash: [UInt8(index)],
                    financials: financials
                )
            )
        }
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        let projected = try OrderProjection.project(snapshots, calendar: calendar)
        #expect(projected.cells.isEmpty)
        #expect(projected.isVoided)
    }
}
