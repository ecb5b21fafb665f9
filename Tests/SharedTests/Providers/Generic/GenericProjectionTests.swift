import Shared
import Testing

/// Canonical events walked through the projection, to the minor unit.
@Suite("Generic: what events come to together")
struct GenericProjectionTests {
    private func sums(_ names: [String]) throws -> [LedgerKind: Int64] {
        try sums(of: try names.map { try DeliveredFixture("generic/\($0)") })
    }

    private func sums(texts: String...) throws -> [LedgerKind: Int64] {
        try sums(of: texts.map { DeliveredFixture(text: $0) })
    }

    private func sums(of fixtures: [DeliveredFixture]) throws -> [LedgerKind: Int64] {
        var sums: [LedgerKind: Int64] = [:]
        for (cell, amount) in try projected(fixtures).cells {
            sums[cell.kind, default: 0] += amount.amountMinor
        }
        return sums.filter { $0.value != 0 }
    }

    private func projected(_ fixtures: [DeliveredFixture]) throws -> ProjectedOrder {
        var snapshots: [OrderSnapshot] = []
        for (index, fixture) in fixtures.enumerated() {
            let result = try GenericNormalizeTests.read(fixture)
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
        return try OrderProjection.project(snapshots.reversed(), calendar: calendar)
    }

    private static let paid =
        #"{"type":"order.paid","occurred_at":"2026-11-23T10:00:00Z","order":{"id":"1","currency":"TRY","total":"100"}}"#

    @Test("a split without items and items without a split make the whole, in any order")
    func splitAndItems() throws {
        func paid(_ rest: String, hour: Int) -> DeliveredFixture {
            let order = #"{"id":"1","currency":"TRY","total":"120",\#(rest)}"#
            let time = "2026-11-23T1\(hour):00:00Z"
            return DeliveredFixture(
                text: #"{"type":"order.paid","occurred_at":"\#(time)","order":\#(order)}"#
            )
        }
        for (splitHour, itemsHour) in [(0, 0), (0, 1), (1, 0)] {
            let split = paid(#""tax":"20""#, hour: splitHour)
            let items = paid(#""items":[{"product_id":"mug","price":"120"}]"#, hour: itemsHour)
            // The later of the two has the greater hash.
            for told in [[split, items], [items, split]] {
                #expect(try sums(of: told) == [.sale: 10_000, .tax: 2000])
                let lines = try projected(told).lines
                #expect(lines.map(\.key.productID) == ["mug"])
                #expect(lines.map(\.value) == [LineAmount(units: 1, netMinor: 10_000)])
            }
        }
    }

    @Test("a cancellation without a currency takes that of the sale")
    func cancellationWithoutCurrency() throws {
        let cancelled =
            #"{"type":"order.cancelled","occurred_at":"2026-11-24T10:00:00Z","order":{"id":"1"}}"#
        #expect(try sums(texts: Self.paid, cancelled) == [.sale: 10_000, .refund: -10_000])
        // Of an order of which nothing is known there is nothing to cancel, and no order to count.
        let alone = try projected([DeliveredFixture(text: cancelled)])
        #expect(alone.cells.isEmpty && alone.orderDate == nil)
    }

    @Test("a payment without a currency makes the amounts count that another message states")
    func paymentWithoutCurrency() throws {
        let created =
            #"{"type":"order.created","occurred_at":"2026-11-23T09:00:00Z","order":{"id":"1","currency":"TRY","total":"80"}}"#
        let paid = #"{"type":"order.paid","occurred_at":"2026-11-24T10:00:00Z","order":{"id":"1"}}"#
        #expect(try sums(texts: created, paid) == [.sale: 8000])
        let later =
            #"{"type":"order.updated","occurred_at":"2026-11-25T09:00:00Z","order":{"id":"1","currency":"TRY","total":"90"}}"#
        #expect(try sums(texts: paid, later) == [.sale: 9000])
        let alone = try projected([DeliveredFixture(text: paid)])
        #expect(alone.cells.isEmpty && alone.orderDate == nil)
    }

    @Test("a dispute that ends without an amount keeps the amount with which it was opened")
    func disputeWithoutAmount() throws {
        let opened =
            #"{"type":"dispute.opened","occurred_at":"2026-11-24T10:00:00Z","order":{"id":"1","currency":"TRY"},"dispute":{"id":"d","amount":"40"}}"#
        func ended(_ type: String, _ currency: String) -> String {
            #"{"type":"dispute.\#(type)","occurred_at":"2026-11-25T10:00:00Z","order":{"id":"1"\#(currency)},"dispute":{"id":"d"}}"#
        }
        for currency in ["", #","currency":"TRY""#] {
            #expect(
                try sums(texts: opened, ended("won", currency)) == [
                    .chargeback: -4000, .chargebackReversal: 4000,
                ]
            )
            #expect(try sums(texts: opened, ended("lost", currency)) == [.chargeback: -4000])
        }
        #expect(try sums(texts: Self.paid, ended("won", "")) == [.sale: 10_000])
    }

    @Test(
        "an update without a known status is an edit of what stands",
        arguments: ["", #","status":"shipped""#]
    )
    func edit(status: String) throws {
        func updated(_ day: Int, _ total: Int) -> String {
            #"{"type":"order.updated","occurred_at":"2026-11-\#(day)T10:00:00Z","order":{"id":"1","currency":"TRY","total":"\#(total)"\#(status)}}"#
        }
        #expect(try sums(texts: Self.paid, updated(24, 120)) == [.sale: 12_000])
        // Before any payment it makes nothing count.
        #expect(try sums(texts: updated(22, 120)) == [:])
        let cancelled = #"{"type":"order.cancelled","occurred_at":"2026-11-25T10:00:00Z","order":{"id":"1"}}"#
        #expect(
            try sums(texts: Self.paid, updated(24, 120), cancelled, updated(26, 130)) == [
                .sale: 13_000, .refund: -13_000,
            ]
        )
    }

    @Test("a bare notice of the same total leaves tax and shipping as they were told, with or without items")
    func bareNotice() throws {
        func order(_ type: String, _ day: Int, _ more: String) -> String {
            #"{"type":"order.\#(type)","occurred_at":"2026-11-\#(day)T10:00:00Z","order":{"id":"1","currency":"TRY","total":"120"\#(more)}}"#
        }
        let items = #","tax":"20","items":[{"product_id":"p","quantity":1,"price":"100"}]"#
        let pending = order("created", 20, #","status":"pending""# + items)
        #expect(try sums(texts: pending, order("paid", 21, "")) == [.sale: 10_000, .tax: 2000])
        let split = order("paid", 20, #","tax":"20","shipping":"10""#)
        let expected: [LedgerKind: Int64] = [.sale: 9000, .tax: 2000, .shipping: 1000]
        #expect(try sums(texts: split, order("updated", 22, #","status":"paid""#)) == expected)
        // One that tells a part of the split knows less than one that lists the items, too.
        let shipped = order("updated", 22, #","shipping":"0""#)
        #expect(try sums(texts: order("paid", 20, items), shipped) == [.sale: 10_000, .tax: 2000])
    }

    @Test(
        "a paid order that fails or is pending again is cancelled on that day",
        arguments: ["failed", "pending", "unpaid", "draft", "voided", "expired"]
    )
    func paidThenNot(status: String) throws {
        let gone =
            #"{"type":"order.updated","occurred_at":"2026-11-25T10:00:00Z","order":{"id":"1","currency":"TRY","total":"100","status":"\#(status)"}}"#
        let order = try projected([DeliveredFixture(text: Self.paid), DeliveredFixture(text: gone)])
        let days = order.cells.map { "\($0.key.date) \($0.key.kind.rawValue) \($0.value.amountMinor)" }
        #expect(days.sorted() == ["2026-11-23 SALE 10000", "2026-11-25 REFUND -10000"])
        let refund =
            #"{"type":"refund.created","occurred_at":"2026-11-24T10:00:00Z","order":{"id":"1","currency":"TRY"},"refund":{"id":"r","amount":"100"}}"#
        #expect(try sums(texts: Self.paid, refund, gone) == [.sale: 10_000, .refund: -10_000])
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
