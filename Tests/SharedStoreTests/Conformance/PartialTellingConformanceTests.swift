import Shared
import TestSupport
import Testing

/// Messages that leave out what others of the same row state (decision 0032).
@Suite("A ledger store's rows of which no message says everything")
struct PartialTellingConformanceTests {
    private static let orderColumns = """
        SELECT order_number, currency, total_minor, financial_status, fulfillment_status, status_raw,
          placed_at, cancelled_at, customer_hash, is_test, is_stub, provider_updated_at, sale_date
        FROM growth_order
        """
    private static let payoutColumns = """
        SELECT currency, net_minor, gross_minor, fee_minor, status, issued_at, paid_at, provider_updated_at,
          recon, matched_minor, lines_complete
        FROM growth_payout ORDER BY external_id
        """
    private static let lineColumns = """
        SELECT l.external_id, l.type, l.order_external_id, l.subject, l.gross_minor, l.fee_minor,
          l.net_minor, l.currency, l.origin_currency, l.origin_minor, l.occurred_at, l.match, l.matched_by,
          o.external_id
        FROM growth_payout_line l LEFT JOIN growth_order o ON o.id=l.order_id ORDER BY l.external_id
        """
    private static let entries = """
        SELECT kind, external_ref, business_date, status, sum(amount_minor) FROM growth_ledger_entry
        WHERE status<>'VOID' GROUP BY 1, 2, 3, 4 HAVING sum(amount_minor)<>0 ORDER BY 1, 2, 3, 4
        """

    /// Commits the deliveries in every order, or in many where these are too many, with repetitions, and
    /// expects what the queries return to be the same each time.
    private func expectOneOutcome(
        of deliveries: [Delivery],
        _ queries: [String],
        _ factory: StoreFactory,
        _ random: inout SeededGenerator,
        rounds: Int = 24
    ) throws -> [[[String]]] {
        var orders = deliveries.permutations
        if orders.count > rounds {
            orders = (0..<rounds).map { _ in deliveries.shuffled(using: &random) }
        }
        var expected: [[[String]]]?
        for order in orders {
            let test = try factory.make()
            try test.ingest(order + order.filter { _ in Bool.random(using: &random) })
            let found = try queries.map { try test.query($0) }
            if let expected { #expect(found == expected, "\(order.map(\.envelope.id))") }
            expected = expected ?? found
        }
        return expected ?? []
    }

    private func header(
        _ number: Int,
        at day: Int,
        customer: String? = nil,
        _ change: (inout OrderHeader) -> Void
    ) -> Delivery {
        var header = OrderHeader()
        change(&header)
        let fact = OrderFact(key: Story.key("1001"), observedAt: Day.at(day), header: header, financials: nil)
        return Story.delivery("h\(number)", [.order(fact)], customer: customer)
    }

    @Test("a column shows what the newest message says that states it", arguments: StoreFactory.all)
    func newestThatStates(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Partial telling")
        let deliveries = [
            header(1, at: 10, customer: "c1") {
                ($0.totalMinor, $0.currency, $0.placedAt) = (100, .lira, Day.at(9))
            },
            header(2, at: 11) { ($0.totalMinor, $0.financialStatus, $0.number) = (200, "paid", "#2") },
            header(3, at: 12, customer: "c3") { $0.cancelledAt = Day.at(12) },
            header(4, at: 13) { $0.rawStatus = "closed" },
        ]
        let found = try expectOneOutcome(of: deliveries, [Self.orderColumns], factory, &random)
        let (placed, cancelled) = (Day.at(9).milliseconds, Day.at(12).milliseconds)
        #expect(
            found == [
                [
                    [
                        "#2", "TRY", "200", "paid", "-", "closed", "\(placed)", "\(cancelled)", "c3", "0",
                        "0",
                        "\(Day.at(13).milliseconds)", "-",
                    ]
                ]
            ]
        )
    }

    @Test("a message without an order's state tells of its customer alone", arguments: StoreFactory.all)
    func customerOfARefund(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Partial telling")
        let refund = RefundState(id: "r", processedAt: Day.at(12), amount: 1000)
        let deliveries = [
            Story.delivery("a", [Story.order(at: Day.at(10), sale: Story.sale(9000))]),
            Story.delivery(
                "b",
                [Story.order(at: Day.at(12), refunds: [refund], header: false)],
                customer: "c2"
            ),
            Story.delivery("c", [Story.order(at: Day.at(11), sale: Story.sale(9000))], customer: "c1"),
        ]
        let customer = "SELECT customer_hash, financial_status FROM growth_order"
        let found = try expectOneOutcome(of: deliveries, [customer], factory, &random)
        #expect(found == [[["c2", "paid"]]])
    }

    @Test("any set of an order's messages leads to one row", arguments: StoreFactory.all)
    func anyHeaders(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Partial telling")
        for _ in 0..<12 {
            let deliveries = (0..<5).map { number in
                let day = Int.random(in: 10...12, using: &random)
                let customer = random.chance(1, in: 3) ? "c\(number)" : nil
                return header(number, at: day, customer: customer) { header in
                    if random.chance(1, in: 2) { header.number = "#\(number)" }
                    if random.chance(1, in: 2) {
                        (header.totalMinor, header.currency) = (Int64(number), .lira)
                    }
                    if random.chance(1, in: 2) { header.financialStatus = ["paid", "pending"][number % 2] }
                    if random.chance(1, in: 2) { header.fulfillmentStatus = "shipped" }
                    if random.chance(1, in: 2) { header.placedAt = Day.at(number + 1) }
                    if random.chance(1, in: 4) { header.cancelledAt = Day.at(number + 2) }
                    // Otherwise two of them could be one message.
                    header.rawStatus = "s\(number)"
                }
            }
            _ = try expectOneOutcome(of: deliveries, [Self.orderColumns], factory, &random)
        }
    }

    @Test(
        "any set of a payout's messages leads to one payout, its lines and ledger",
        arguments: StoreFactory.all
    )
    func anyPayouts(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Partial telling")
        for _ in 0..<12 {
            let sales = ["1", "2"].map { id in
                let fact = Story.order(id, at: Day.at(10), sale: Story.sale(5000), total: 5000)
                return Story.delivery("o\(id)", [fact])
            }
            let payouts = (0..<4).map { number in
                Story.delivery("p\(number)", [.payout(somePayout(number, &random))])
            }
            let queries = [Self.payoutColumns, Self.lineColumns, Self.entries]
            _ = try expectOneOutcome(of: sales + payouts, queries, factory, &random)
        }
    }

    private func somePayout(_ number: Int, _ random: inout SeededGenerator) -> PayoutFact {
        let statuses: [PayoutFact.Status] = [.scheduled, .inTransit, .paid, .paid, .failed]
        var line = PayoutLine(
            id: "a",
            type: .charge,
            orderExternalID: random.chance(1, in: 2) ? ["1", "2"].randomElement(using: &random) : nil,
            grossMinor: 5000,
            feeMinor: Int64(100 + number),
            currency: .lira,
            occurredAt: random.chance(1, in: 2) ? Day.at(10 + number) : nil
        )
        if random.chance(1, in: 4) { line.origin = PayoutLine.Origin(currency: .lira, minor: 5000) }
        return PayoutFact(
            account: Story.account,
            externalID: "po_1",
            currency: .lira,
            exponent: 2,
            netMinor: random.chance(1, in: 2) ? Int64(4900 - number) : nil,
            grossMinor: random.chance(1, in: 2) ? Int64(5000 + number) : nil,
            feeMinor: random.chance(1, in: 2) ? Int64(100 + number) : nil,
            status: statuses.randomElement(using: &random) ?? .paid,
            issuedAt: random.chance(1, in: 2) ? Day.at(13, hour: number) : nil,
            paidAt: random.chance(1, in: 2) ? Day.at(14, hour: number) : nil,
            observedAt: Day.at(15 + Int.random(in: 0...1, using: &random), hour: number),
            lines: random.chance(3, in: 4) ? [line] : [],
            hasAllLines: true
        )
    }

    @Test("a replay of what is stored changes no row", arguments: StoreFactory.all)
    func replay(factory: StoreFactory) throws {
        var random = SeededGenerator(test: "Partial telling")
        for _ in 0..<6 {
            let deliveries = (0..<4).map { number in
                Story.delivery("p\(number)", [.payout(somePayout(number, &random))])
            }
            let test = try factory.make()
            try test.ingest(deliveries)
            let queries = [Self.payoutColumns, Self.lineColumns, "SELECT told FROM growth_payout_line"]
            let before = try queries.map { try test.query($0) }
            let pairs = deliveries.enumerated().map { (rowID: Int64($0 + 1), delivery: $1) }
            let report = try test.store.replay(pairs, isDry: false, at: Day.at(22))
            #expect(report.changed == 0)
            #expect(try queries.map { try test.query($0) } == before)
        }
    }
}
