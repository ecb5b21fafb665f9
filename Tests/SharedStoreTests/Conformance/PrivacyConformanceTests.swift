import Shared
import Testing

/// A pseudonym that is told apart by a digit.
private func pseudonym(_ digit: Int, key: String = "k1") -> String {
    "h1:\(key):" + String(repeating: String(digit), count: 64)
}

@Suite("A store's privacy requests and erasures")
struct PrivacyConformanceTests {
    private static let ayse = pseudonym(1)
    private static let veli = pseudonym(2)

    private static func sale(
        _ id: String,
        order: String,
        customer: String?,
        day: Int = 10,
        content: String? = nil,
        account: AccountKey = Story.account
    ) -> Delivery {
        Story.delivery(
            id,
            [Story.order(order, at: Day.at(day), sale: Story.sale(100), account: account)],
            account: account.account,
            customer: customer,
            content: content ?? #"{"email":"\#(customer ?? "-")"}"#,
            object: order
        )
    }

    private static func request(
        _ id: String,
        kind: PrivacyRequest.Kind = .erasure,
        customers: [String] = [],
        orders: [String] = [],
        account: AccountKey = Story.account,
        signature: Envelope.Signature = .verified
    ) -> Delivery {
        let request = PrivacyRequest(
            account: account,
            topic: "customers/\(kind)",
            kind: kind,
            customers: customers,
            orders: orders
        )
        return Story.delivery(
            id,
            [.privacyRequest(request)],
            customer: customers.first,
            content: #"{"customer":{"email":"\#(customers.first ?? "")"}}"#,
            signature: signature
        )
    }

    private func held(_ test: StoreUnderTest) throws -> [[String]] {
        try test.query(
            """
            SELECT external_id, CASE WHEN customer_hash IS NULL THEN 'none' ELSE 'known' END,
              redacted_at IS NOT NULL FROM growth_order ORDER BY external_id
            """
        )
    }

    @Test(
        "an erasure takes bodies and customer, keeps the money, and comes only once",
        arguments: StoreFactory.all
    )
    func erasure(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Self.sale("d1", order: "1", customer: Self.ayse),
            Self.sale("d2", order: "2", customer: pseudonym(3, key: "k0")),
            Self.sale("d3", order: "3", customer: Self.veli),
        ])
        let money = try test.value("SELECT sum(amount_minor) FROM growth_ledger_entry")
        let request = Self.request("r1", customers: [Self.ayse], orders: ["2"])
        try test.ingest([request, request])
        #expect(try test.store.privacyRequests(onlyOpen: true).count == 1)
        #expect(
            try test.store.privacyRequestDue() == test.store.privacyRequests(onlyOpen: true).first?.dueAt
        )
        let report = try #require(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }))
        #expect(report.orders == 2 && report.deliveries == 2)
        #expect(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }) == nil)
        #expect(
            try held(test) == [["1", "none", "1"], ["2", "none", "1"], ["3", "known", "0"]]
        )
        #expect(
            try test.query("SELECT delivery_id, state, body IS NULL FROM growth_inbox ORDER BY delivery_id")
                == [
                    ["d1", "REDACTED", "1"], ["d2", "REDACTED", "1"], ["d3", "DONE", "0"],
                    ["r1", "REDACTED", "1"],
                ]
        )
        #expect(try test.value("SELECT sum(amount_minor) FROM growth_ledger_entry") == money)
        #expect(try test.store.privacyRequests(onlyOpen: true).isEmpty)
        #expect(try test.store.privacyRequestDue() == nil)
        // No identifier is left: not in the audit trail, not in the request, not in a tombstone.
        for table in ["growth_audit", "growth_privacy_request", "growth_tombstone", "growth_inbox"] {
            let text = try test.query("SELECT * FROM \(table)").joined().joined(separator: " ")
            for name in [Self.ayse, pseudonym(3, key: "k0")] { #expect(!text.contains(name), "\(table)") }
        }
        #expect(
            try test.query("SELECT action FROM growth_audit ORDER BY id").map { $0[0] }
                == ["privacy-request/customers/erasure", "privacy-done/customers/erasure"]
        )
        try test.expectSound()
    }

    @Test(
        "what comes late of somebody who was erased is stripped, and its money counts",
        arguments: StoreFactory.all
    )
    func late(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Self.request("r1", customers: [Self.ayse], orders: ["7"]),
            Self.sale("d1", order: "1", customer: Self.ayse),
            // Named by its order alone, and by a pseudonym that only its body holds.
            Self.sale("d2", order: "7", customer: pseudonym(5)),
            Self.sale("d3", order: "8", customer: nil, content: #"{"phone":"\#(Self.ayse)"}"#),
            Self.sale("d4", order: "9", customer: Self.veli),
        ])
        #expect(
            try held(test) == [
                ["1", "none", "1"], ["7", "none", "1"], ["8", "none", "1"], ["9", "known", "0"],
            ]
        )
        #expect(try test.value("SELECT count(*) FROM growth_inbox WHERE body IS NOT NULL") == "1")
        #expect(try test.value("SELECT sum(amount_minor) FROM growth_daily") == "400")
        // Later news of the order don't bring the customer back.
        try test.ingest([Self.sale("d5", order: "1", customer: Self.veli, day: 12)])
        #expect(try held(test).first == ["1", "none", "1"])
    }

    @Test("an erasure whose signature is not verified waits for an operator", arguments: StoreFactory.all)
    func unsigned(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Self.sale("d1", order: "1", customer: Self.ayse),
            Self.request("r1", customers: [Self.ayse], signature: .unsigned),
            Self.sale("d2", order: "2", customer: Self.ayse),
        ])
        #expect(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }) == nil)
        #expect(try held(test).map { $0[1] } == ["known", "known"])
        let open = try #require(try test.store.privacyRequests(onlyOpen: true).first)
        #expect(!open.isVerified && open.dueAt.milliseconds - open.receivedAt.milliseconds == 2_592_000_000)
        let report = try test.store.fulfil(request: open.id, by: "ops", at: Day.at(21))
        #expect(report == ErasureReport(request: open.id, orders: 2, deliveries: 2))
        #expect(try held(test).map { $0[1] } == ["none", "none"])
        #expect(try test.store.fulfil(request: open.id, by: "ops", at: Day.at(22))?.orders == 2)
        #expect(try test.store.fulfil(request: 99, by: "ops", at: Day.at(22)) == nil)
    }

    @Test("an erasure that has to wait holds up no other", arguments: StoreFactory.all)
    func besides(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Self.request("r1", customers: [Self.ayse]), Self.request("r2", customers: [Self.veli]),
        ])
        let first = try #require(try test.store.openErasure(besides: []))
        let second = try #require(try test.store.openErasure(besides: [first.request]))
        #expect(first.source == Story.source && first.scope == .customers([Self.ayse]))
        #expect(second.scope == .customers([Self.veli]))
        #expect(try test.store.openErasure(besides: [first.request, second.request]) == nil)
        #expect(try test.store.openErasure(besides: [second.request]) == first)
    }

    @Test("a question is answered with what is held, until it is closed", arguments: StoreFactory.all)
    func access(factory: StoreFactory) throws {
        let test = try factory.make()
        try test.ingest([
            Self.sale("d1", order: "1", customer: Self.ayse),
            Self.sale("d2", order: "2", customer: Self.veli),
            Self.request("r1", kind: .access, customers: [Self.ayse]),
        ])
        let id = try #require(try test.store.privacyRequests(onlyOpen: true).first?.id)
        let data = try #require(try test.store.held(for: id))
        #expect(data.orders.map(\.key.externalID) == ["1"])
        #expect(data.orders.first?.customer == Self.ayse && data.orders.first?.number == "#1")
        // Its own message speaks of the customer too.
        #expect(data.deliveries.map(\.envelopeID) == ["01d1", "01r1"])
        #expect(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }) == nil)
        _ = try test.store.fulfil(request: id, by: "ops", at: Day.at(21))
        #expect(try test.store.held(for: id) == nil)
        #expect(try held(test).map { $0[1] } == ["known", "known"])
        #expect(try test.store.privacyRequests(onlyOpen: false).first?.doneAt == Day.at(21))
    }

    @Test("an account goes as a whole, page by page, and no other with it", arguments: StoreFactory.all)
    func account(factory: StoreFactory) throws {
        let test = try factory.make()
        let other = AccountKey(source: Story.source, account: "other.example")
        let count = 1201
        let sales = (0..<count).map {
            Self.sale("d\($0)", order: "o\($0)", customer: pseudonym($0 % 8))
        }
        _ = try test.store.commit(sales, at: Day.start)
        try test.ingest([
            Self.sale("x", order: "x", customer: Self.ayse, account: other),
            Self.request("r1", kind: .accountErasure),
            Self.request("r2", kind: .accountErasure, account: AccountKey(source: Story.source, account: "")),
        ])
        var steps = 0
        let stopped = try test.store.fulfilErasure(at: Day.at(21)) {
            steps += 1
            return steps < 3
        }
        #expect(stopped == nil)
        let report = try #require(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }))
        #expect(report.orders == count && report.deliveries > 0)
        #expect(
            try test.query(
                """
                SELECT account_ref, count(*) FROM growth_inbox
                WHERE body IS NOT NULL OR customer_hash IS NOT NULL GROUP BY account_ref
                """
            ) == [["other.example", "1"]]
        )
        #expect(try test.value("SELECT count(customer_hash) FROM growth_order") == "1")
        // The one that names no account erases nothing, and waits.
        #expect(try test.store.fulfilErasure(at: Day.at(21), mayGoOn: { true }) == nil)
        let waiting = try #require(try test.store.privacyRequests(onlyOpen: true).first)
        #expect(try test.store.openErasure(of: waiting.id) == nil)
        // Only an operator closes it, which takes nobody's data.
        let bodies = try test.value("SELECT count(body) FROM growth_inbox")
        let closed = try test.store.fulfil(request: waiting.id, by: "ops", at: Day.at(21))
        #expect(closed == ErasureReport(request: waiting.id))
        #expect(try test.store.privacyRequestDue() == nil)
        #expect(try test.value("SELECT count(body) FROM growth_inbox") == bodies)
        #expect(try test.value("SELECT count(customer_hash) FROM growth_order") == "1")
        #expect(
            try test.query("SELECT actor, subject, detail FROM growth_audit ORDER BY id DESC LIMIT 1")
                == [["ops", "", #"{"request":\#(waiting.id),"orders":0,"deliveries":0}"#]]
        )
        // Who comes back later is a new customer of a new time.
        let later = Story.delivery(
            "n",
            [Story.order("n", at: Day.at(25), sale: Story.sale(1))],
            receivedAt: Day.at(25),
            customer: Self.ayse
        )
        try test.ingest([later])
        #expect(try test.value("SELECT count(customer_hash) FROM growth_order") == "2")
    }

    @Test(
        "a dead letter of somebody who was erased loses its body and finds its row again",
        arguments: StoreFactory.all
    )
    func deadLetter(factory: StoreFactory) throws {
        let test = try factory.make()
        let envelope = Story.envelope("d1", body: "d1", customer: Self.ayse)
        try test.ingest([Delivery(envelope: envelope, rejection: .missingField("/order/id"))])
        let subject = ErasureSubject(customers: [Self.ayse])
        let dry = try test.store.erase(subject, by: "ops", isDry: true, at: Day.at(21))
        #expect(dry.deliveries == 1)
        #expect(try test.value("SELECT count(*) FROM growth_tombstone") == "0")
        let report = try test.store.erase(subject, by: "ops", isDry: false, at: Day.at(21))
        #expect(report == ErasureReport(orders: 0, deliveries: 1))
        #expect(try test.query("SELECT state, body FROM growth_inbox") == [["QUARANTINED", "-"]])
        try test.ingest([Self.sale("d1", order: "1", customer: Self.ayse)])
        #expect(try test.query("SELECT state, body FROM growth_inbox") == [["REDACTED", "-"]])
        #expect(try test.value("SELECT sum(amount_minor) FROM growth_daily") == "100")
    }

    @Test("tombstones repeat erasures in a database that was restored", arguments: StoreFactory.all)
    func reapply(factory: StoreFactory) throws {
        let sales = [
            Self.sale("d1", order: "1", customer: Self.ayse),
            Self.sale("d2", order: "2", customer: Self.veli),
            Self.sale("d3", order: "3", customer: nil, content: #"{"phone":"\#(Self.ayse)"}"#),
        ]
        let test = try factory.make()
        let restored = try factory.make()
        for store in [test, restored] { try store.ingest(sales) }
        let report = try test.store.erase(
            ErasureSubject(customers: [Self.ayse]),
            by: "ops",
            isDry: false,
            at: Day.at(21)
        )
        #expect(report == ErasureReport(orders: 2, deliveries: 2))
        let tombstones = try test.store.tombstones(since: Day.at(1))
        #expect(try test.store.tombstones(since: Day.at(22)).isEmpty)
        #expect(try restored.store.reapply(tombstones, by: "ops", at: Day.at(22)) == report)
        #expect(try held(restored) == held(test))
        #expect(try restored.store.reapply(tombstones, by: "ops", at: Day.at(22)) == ErasureReport())
        try restored.expectSound()
    }
}
