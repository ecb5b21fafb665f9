import Foundation
import Shared
import SharedStore
import TestSupport

/// Fills a database with the orders of a year, through the store, as a worker would.
final class LedgerFiller {
    /// Days over which the orders spread; the last one is today.
    static let days = 365
    /// Entries that one order makes.
    static let entriesPerOrder = 5
    private static let products = 500

    let store: SQLiteStore
    private let now: Timestamp
    /// An envelope with a body as small as none: retention takes bodies after 30 days.
    private let template: Envelope
    private var random: SeededGenerator
    private var sequence = 0
    /// How many orders there are; their ids are the numbers below it.
    private var orders = 0
    /// The id of the next order that a measurement adds; far above those that are there.
    private var nextLive: Int

    init(path: String, now: Timestamp, seed: UInt64) throws {
        guard let calendar = BusinessCalendar(identifier: "Europe/Istanbul") else {
            throw TestSupportError("The machine has no time zone Europe/Istanbul: install tzdata.")
        }
        let configuration = SQLiteStore.Configuration(
            path: path,
            calendar: calendar,
            baseCurrency: .lira,
            signalSources: ProviderCatalog.signalSources
        )
        store = try SQLiteStore(configuration, at: now)
        self.now = now
        nextLive = Int(now.milliseconds)
        let headers = ["X-Shopify-Topic": "orders/updated", "X-Shopify-Shop-Domain": "shop.example"]
        let body = Array(#"{"id":1,"customer":{"email":"a@example.com"}}"#.utf8)
        template = try EnvelopeFixture(path: "/webhooks/shopify", headers: headers, body: body).envelope
        random = SeededGenerator(seed: seed)
    }

    /// Goes on with a ledger that was filled before.
    func resume(entries: Int) {
        orders = entries / Self.entriesPerOrder
    }

    /// Adds orders, oldest first, until the ledger holds so many entries.
    func fill(entries: Int) throws {
        let wanted = entries / Self.entriesPerOrder
        var batch: [Delivery] = []
        while orders < wanted {
            // Up to the present, so that today and yesterday have their share.
            let share = Double(orders) / Double(wanted)
            let age = Int64((1 - share) * Double(Self.days) * 86_400_000)
            batch.append(delivery(of: orders, sale: 1000, at: now.advanced(byMilliseconds: -age)))
            orders += 1
            guard batch.count == 4000 || orders == wanted else { continue }
            _ = try store.commit(batch, at: now)
            batch = []
        }
    }

    /// Makes a batch as it comes on a day: seven new orders of ten, updates and refunds of orders of the last
    /// month.
    func liveBatch(_ count: Int) -> [Delivery] {
        (0..<count).map { index in
            let at = now.advanced(byMilliseconds: Int64(sequence))
            guard index % 10 > 6 else {
                nextLive += 1
                return delivery(of: nextLive, sale: 1000, at: at)
            }
            let recent = max(1, orders / 12)
            let number = orders - 1 - Int.random(in: 0..<recent, using: &random)
            return index % 10 == 9 ? refund(of: number, at: at) : delivery(of: number, sale: 900, at: at)
        }
    }

    private func delivery(of number: Int, sale goods: Int64, at instant: Timestamp) -> Delivery {
        let product = "\(7_000_000 + number % Self.products)"
        let sale = SaleState(
            standing: .counting,
            placedAt: instant,
            detail: 2,
            goods: goods * 100,
            discount: -5000,
            shipping: 2990,
            tax: 18_000,
            tip: 500,
            lines: [LineState(productID: product, units: 1, amount: goods * 100 - 5000)]
        )
        return delivery(
            of: number,
            at: instant,
            header: OrderHeader(
                number: "#\(number)",
                currency: .lira,
                totalMinor: goods * 100 + 16_490,
                financialStatus: "paid",
                placedAt: instant
            ),
            OrderFinancials(currency: .lira, exponent: 2, sale: sale)
        )
    }

    private func refund(of number: Int, at instant: Timestamp) -> Delivery {
        let refund = RefundState(id: "\(sequence)", processedAt: instant, amount: 1200, tax: 200)
        return delivery(
            of: number,
            at: instant,
            header: nil,
            OrderFinancials(currency: .lira, exponent: 2, refunds: [refund])
        )
    }

    private func delivery(
        of number: Int,
        at instant: Timestamp,
        header: OrderHeader?,
        _ financials: OrderFinancials
    ) -> Delivery {
        sequence += 1
        let id = (0..<2).map { _ in String(random.next(), radix: 16) }.joined(separator: "-")
        let account = AccountKey(source: SourceID(literal: "shopify"), account: "shop.example")
        let key = OrderKey(account: account, externalID: "\(5_000_000_000 + number)")
        let hash = (0..<4).map { _ in String(random.next() | 1 << 63, radix: 16) }.joined()
        var envelope = template
        envelope.id = id
        envelope.provenance = Provenance(account: account.account, topic: "orders/updated", deliveryID: id)
        envelope.receivedAt = instant
        envelope.bodySHA256 = hash
        let fact = OrderFact(key: key, observedAt: instant, header: header, financials: financials)
        return Delivery(
            envelope: envelope,
            normalized: Normalized(facts: [.order(fact)], objectID: key.externalID)
        )
    }
}
