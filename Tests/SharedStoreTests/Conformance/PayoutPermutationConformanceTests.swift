import Shared
import Testing

/// Lines that name what several orders have, or what comes later: each story is told in every order.
@Suite("A ledger store's payout lines, told in every order")
struct PayoutPermutationConformanceTests {
    private static let other = AccountKey(source: Story.source, account: "b.example")
    private static let nameless = AccountKey(source: Story.source, account: "")

    private func order(
        _ id: String,
        _ amount: Int64,
        of account: AccountKey = Story.account,
        charge: String? = nil
    ) -> Fact {
        Story.order(
            id,
            at: Day.at(10),
            sale: Story.sale(amount),
            account: account,
            total: amount,
            charge: charge
        )
    }

    /// Tells the facts in every order, every sixth one in one batch too, and returns the one picture that all
    /// of them leave.
    private func tell(
        _ facts: [Fact],
        _ factory: StoreFactory,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> PayoutPicture {
        var first: PayoutPicture?
        for (number, facts) in facts.permutations.enumerated() {
            let deliveries = facts.map { fact in Story.delivery(name(of: fact), [fact]) }
            let single = deliveries.map { [$0] }
            for batches in number % 6 == 0 ? [single, [deliveries]] : [single] {
                let picture = try picture(of: batches, factory, sourceLocation)
                #expect(
                    picture == first ?? picture,
                    "order \(number), \(deliveries.map(\.envelope.id)), batches: \(batches.count)",
                    sourceLocation: sourceLocation
                )
                first = first ?? picture
            }
        }
        return try #require(first)
    }

    /// What the batches leave in a new store.
    private func picture(
        of batches: [[Delivery]],
        _ factory: StoreFactory,
        _ sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> PayoutPicture {
        let test = try factory.make()
        for batch in batches { _ = try test.store.commit(batch, at: Day.start) }
        try test.expectSound(sourceLocation: sourceLocation)
        return try PayoutPicture(of: test)
    }

    /// A name that a fact has in every permutation.
    private func name(of fact: Fact) -> String {
        switch fact {
        case .order(let fact):
            "\(fact.key.account.account)/\(fact.key.externalID)/\(fact.observedAt.milliseconds)"
        case .payout(let fact): "\(fact.account.account)/\(fact.externalID)/\(fact.observedAt.milliseconds)"
        default: "fact"
        }
    }

    @Test("clear nothing once a second account has an order of that id", arguments: StoreFactory.all)
    func secondOrder(factory: StoreFactory) throws {
        let named = Story.payout(
            net: 9900,
            lines: [Story.line("a", order: "1", gross: 10_000, fee: 100)],
            account: Self.nameless
        )
        // An order that the line doesn't mean any more is free for a line without a name.
        let loose = Story.payout("po_2", net: 10_000, lines: [Story.line("n", order: nil, gross: 10_000)])
        let picture = try tell([order("1", 10_000), order("1", 8000, of: Self.other), named, loose], factory)
        #expect(
            picture.lines == ["po_1 a AMBIGUOUS - -", "po_2 n MATCHED AMOUNT shop.example/1"]
        )
        #expect(
            picture.ledger == [
                "b.example/1 SALE - 2026-11-10 PENDING 8000",
                "shop.example/1 SALE - 2026-11-10 CLEARED 10000",
            ]
        )
        #expect(picture.payouts == ["po_1 UNMATCHED 0", "po_2 MATCHED 10000"])
    }

    @Test("clear nothing once a second account has a payment of that id", arguments: StoreFactory.all)
    func secondReference(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: nil, subject: "charge/ch_1", gross: 10_000, fee: 100),
            Story.line("b", .adjustment, order: nil, subject: "charge/ch_1", gross: -50),
            Story.line("c", .refund, order: "ch_2", subject: "charge/ch_2", gross: -300, fee: 7),
        ]
        let facts = [
            order("pi_1", 10_000, charge: "ch_1"), order("pi_2", 300, charge: "ch_2"),
            order("pi_3", 900, of: Self.other, charge: "ch_1"),
            Story.payout(net: 9550, lines: lines, account: Self.nameless),
        ]
        let picture = try tell(facts, factory)
        #expect(
            picture.lines == [
                "po_1 a AMBIGUOUS - -", "po_1 b AMBIGUOUS - -",
                "po_1 c MATCHED REFERENCE shop.example/pi_2",
            ]
        )
        #expect(
            picture.ledger == [
                "- ADJUSTMENT payout/po_1/b 2026-11-11 CLEARED -50",
                "b.example/pi_3 SALE - 2026-11-10 PENDING 900",
                "shop.example/pi_1 SALE - 2026-11-10 PENDING 10000",
                "shop.example/pi_2 FEE payout/po_1/c 2026-11-11 CLEARED -7",
                "shop.example/pi_2 SALE - 2026-11-10 PENDING 300",
            ]
        )
    }

    @Test("prefer the order of the payout's own account", arguments: StoreFactory.all)
    func ownAccount(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: "1", gross: 10_000, fee: 100),
            Story.line("b", order: nil, subject: "charge/ch_1", gross: 700, fee: 5),
        ]
        let facts = [
            order("1", 10_000), order("1", 10_000, of: Self.nameless),
            order("2", 700, charge: "ch_1"), order("3", 700, of: Self.nameless, charge: "ch_1"),
            Story.payout(net: 10_595, lines: lines),
        ]
        let picture = try tell(facts, factory)
        #expect(
            picture.lines == [
                "po_1 a MATCHED ORDER shop.example/1", "po_1 b MATCHED REFERENCE shop.example/2",
            ]
        )
        #expect(
            picture.ledger == [
                "/1 SALE - 2026-11-10 PENDING 10000", "/3 SALE - 2026-11-10 PENDING 700",
                "shop.example/1 FEE payout/po_1/a 2026-11-11 CLEARED -100",
                "shop.example/1 SALE - 2026-11-10 CLEARED 10000",
                "shop.example/2 FEE payout/po_1/b 2026-11-11 CLEARED -5",
                "shop.example/2 SALE - 2026-11-10 CLEARED 700",
            ]
        )
    }

    @Test(
        "prefer the order's id to the payment, and the account that came later",
        arguments: StoreFactory.all
    )
    func namesInTurn(factory: StoreFactory) throws {
        let lines = [
            Story.line("a", order: "1", subject: "charge/ch_2", gross: 500, fee: 5),
            Story.line("b", .fee, order: "1", subject: "charge/ch_2", gross: 0, fee: 3),
        ]
        let facts = [
            order("1", 500), order("1", 500, of: Self.other), order("2", 500, charge: "ch_2"),
            Story.payout(net: 492, lines: lines, account: Self.nameless),
            Story.payout(net: 492, at: 16),
        ]
        let picture = try tell(facts, factory)
        #expect(
            picture.lines == [
                "po_1 a MATCHED ORDER shop.example/1", "po_1 b MATCHED ORDER shop.example/1",
            ]
        )
        #expect(
            picture.ledger == [
                "b.example/1 SALE - 2026-11-10 PENDING 500",
                "shop.example/1 FEE payout/po_1/a 2026-11-11 CLEARED -5",
                "shop.example/1 FEE payout/po_1/b 2026-11-11 CLEARED -3",
                "shop.example/1 SALE - 2026-11-10 CLEARED 500",
                "shop.example/2 SALE - 2026-11-10 PENDING 500",
            ]
        )
        #expect(picture.payouts == ["po_1 MATCHED 492"])
    }

    /// Lines of the account that name an order, and one that names nothing.
    private static let accountLines = [
        Story.line("a", .adjustment, order: "1", gross: 250, fee: 10),
        Story.line("b", .adjustment, order: nil, gross: 40),
        Story.line("f", .fee, order: nil, subject: "charge/ch_2", gross: 0, fee: 700),
        Story.line("o", .other, order: "1", gross: 9),
        Story.line("r", .reserve, order: "2", gross: -900),
        Story.line("s", .reserve, order: "3", gross: 90),
    ]

    @Test("post adjustments, fees and reserves under the order that they name", arguments: StoreFactory.all)
    func accountLines(factory: StoreFactory) throws {
        let facts = [
            order("1", 500), order("2", 600, charge: "ch_2"),
            Story.payout(net: -1221, status: .scheduled, paid: nil, at: 12, lines: Self.accountLines),
            Story.payout(net: -1221, lines: Self.accountLines),
        ]
        let picture = try tell(facts, factory)
        #expect(
            picture.lines == [
                "po_1 a MATCHED ORDER shop.example/1", "po_1 b IGNORED - -",
                "po_1 f MATCHED REFERENCE shop.example/2", "po_1 o MATCHED ORDER shop.example/1",
                "po_1 r MATCHED ORDER shop.example/2", "po_1 s IGNORED - -",
            ]
        )
        #expect(
            picture.ledger == [
                "- ADJUSTMENT payout/po_1/b 2026-11-11 CLEARED 40",
                "- RESERVE payout/po_1/s 2026-11-11 CLEARED 90",
                "shop.example/1 ADJUSTMENT payout/po_1/a 2026-11-11 CLEARED 250",
                "shop.example/1 FEE payout/po_1/a 2026-11-11 CLEARED -10",
                "shop.example/1 SALE - 2026-11-10 PENDING 500",
                "shop.example/2 FEE payout/po_1/f 2026-11-11 CLEARED -700",
                "shop.example/2 RESERVE payout/po_1/r 2026-11-11 CLEARED -900",
                "shop.example/2 SALE - 2026-11-10 PENDING 600",
            ]
        )
        #expect(picture.payouts == ["po_1 MATCHED -1221"])
    }

    @Test("hold nothing under any order once the payout failed", arguments: StoreFactory.all)
    func failed(factory: StoreFactory) throws {
        let lines = Self.accountLines + [Story.line("c", order: "1", gross: 500, fee: 20)]
        let facts = [
            order("1", 500), order("1", 500, of: Self.other),
            Story.payout(net: -741, lines: lines, account: Self.nameless),
            Story.payout(net: -741, status: .failed, paid: nil, at: 16, account: Self.nameless),
        ]
        let picture = try tell(facts, factory)
        #expect(
            picture.ledger == [
                "b.example/1 SALE - 2026-11-10 PENDING 500", "shop.example/1 SALE - 2026-11-10 PENDING 500",
            ]
        )
    }

    @Test("follow the name that a later message gives an adjustment", arguments: StoreFactory.all)
    func renamed(factory: StoreFactory) throws {
        func payout(_ order: String?, _ other: String?, at day: Int) -> Fact {
            let lines = [
                Story.line("a", .adjustment, order: order, gross: 250),
                Story.line("b", order: other, gross: 100, fee: 4),
            ]
            return Story.payout(net: 346, at: day, lines: lines)
        }
        let facts = [order("1", 100), order("2", 100), payout("1", "2", at: 15), payout("2", "1", at: 16)]
        let picture = try tell(facts, factory)
        #expect(
            picture.ledger == [
                "shop.example/1 FEE payout/po_1/b 2026-11-11 CLEARED -4",
                "shop.example/1 SALE - 2026-11-10 CLEARED 100",
                "shop.example/2 ADJUSTMENT payout/po_1/a 2026-11-11 CLEARED 250",
                "shop.example/2 SALE - 2026-11-10 PENDING 100",
            ]
        )
    }

    @Test("end the same in stories that nobody thought of", arguments: StoreFactory.all)
    func randomStories(factory: StoreFactory) throws {
        for seed in UInt64(1)...40 {
            var random = Seeded(seed)
            let facts = randomFacts(using: &random)
            var first: PayoutPicture?
            for round in 0..<5 {
                let told = round == 0 ? facts : facts.shuffled(using: &random)
                let deliveries = told.map { fact in Story.delivery(name(of: fact), [fact]) }
                let size = round == 4 ? 3 : 1
                let batches = stride(from: 0, to: deliveries.count, by: size).map { start in
                    Array(deliveries[start..<min(start + size, deliveries.count)])
                }
                let picture = try picture(of: batches, factory)
                #expect(picture == first ?? picture, "seed \(seed), \(deliveries.map(\.envelope.id))")
                first = first ?? picture
            }
        }
    }

    /// A few orders, refunds and payouts of few accounts, ids and amounts, so that much of it could mean
    /// much.
    private func randomFacts(using random: inout Seeded) -> [Fact] {
        func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &random)]
        }
        let accounts = [Story.account, Story.account, Self.other, Self.nameless]
        var facts: [String: Fact] = [:]
        for _ in 0..<6 {
            let (id, account) = (pick(["1", "2", "3"]), pick(accounts))
            let amount: Int64 = pick([100, 200])
            let fact = Story.order(
                id,
                at: Day.at(10),
                sale: Story.sale(amount, on: pick([8, 10, 12])),
                account: account,
                total: amount,
                charge: pick([nil, "c1", "c2", "c3"])
            )
            facts[name(of: fact)] = fact
            let refund = RefundState(id: pick(["r1", "r2"]), processedAt: Day.at(12), amount: 50)
            let back = Story.order(id, at: Day.at(12), refunds: [refund], header: false, account: account)
            if pick([true, false]) { facts[name(of: fact) + "/refund"] = back }
        }
        for id in ["po_1", "po_2"] {
            let account = pick(accounts)
            let lines = (0..<3).map { number in
                let type: PayoutLine.LineType = pick([
                    .charge, .charge, .charge, .refund, .adjustment, .fee, .dispute,
                ])
                let subjects = type == .refund ? [nil, "refund/r1", "charge/c1"] : [nil, nil, "charge/c2"]
                return Story.line(
                    "\(number)",
                    type,
                    order: pick([nil, nil, "1", "2"]),
                    subject: pick(subjects),
                    gross: type == .refund ? -50 : pick([100, 200]),
                    fee: pick([0, 3]),
                    on: pick([9, 11, 13])
                )
            }
            for (day, status) in [(15, PayoutFact.Status.paid), (16, pick([.paid, .failed, .scheduled]))] {
                let fact = Story.payout(
                    id,
                    net: 100,
                    status: status,
                    at: day,
                    lines: lines,
                    account: account
                )
                facts[name(of: fact)] = fact
            }
        }
        return facts.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test("restate no day by posting under the order that came later", arguments: StoreFactory.all)
    func restatesNothing(factory: StoreFactory) throws {
        let test = try factory.make()
        let adjustment = Story.line("a", .adjustment, order: "1", gross: 250)
        try test.ingest([Story.delivery("p", [Story.payout(net: 250, lines: [adjustment])])])
        _ = try test.store.finalizeDays(through: Day.date(16), at: Day.start)
        let late = Story.order("1", at: Day.at(11), sale: Story.sale(500, on: 11))
        try test.ingest([Story.delivery("o", [late])])
        #expect(try test.query("SELECT match FROM growth_payout_line") == [["MATCHED"]])
        #expect(
            try test.query(
                """
                SELECT business_date, cause, before_minor, after_minor FROM growth_restatement
                WHERE scope='*'
                """
            ) == [["2026-11-11", "LATE_EVENT", "250", "750"]]
        )
    }
}
