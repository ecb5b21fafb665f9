import Foundation
import Shared
import SharedStore
import TestSupport
import Testing

@Suite("growthctl order")
struct OrderCommandTests {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try Console.run("growthctl", arguments, ["GROWTH_HOME": home.path])
    }

    @Test("order finds an order by its payment, its refund or its dispute")
    func orderReferences() throws {
        let at = EnvelopeFixture.receivedAt
        let store = try SQLiteStore(.of(home), at: at)
        let account = AccountKey(source: SourceID(literal: "generic"), account: "shop")
        func fact(_ id: String, charge: String) -> OrderFact {
            OrderFact(
                key: OrderKey(account: account, externalID: id),
                observedAt: at,
                header: OrderHeader(currency: .lira, totalMinor: 1000, placedAt: at),
                financials: OrderFinancials(
                    currency: .lira,
                    exponent: 2,
                    sale: SaleState(standing: .counting, placedAt: at, goods: 1000),
                    refunds: [RefundState(id: "re_\(id)", processedAt: at, amount: 100)],
                    disputes: [DisputeState(id: "du_\(id)", outcome: .open, amount: 200, openedAt: at)]
                ),
                chargeID: charge
            )
        }
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/shop", json: "{}")
        let facts = [fact("7", charge: "ch_777"), fact("8", charge: "re_7")]
        let delivery = Delivery(
            envelope: try Envelope(decoding: fixture.line),
            normalized: Normalized(facts: facts.map { .order($0) })
        )
        _ = try store.commit([delivery], at: at)
        for id in ["ch_777", "du_7"] {
            let shown = try JSONDocument(Array(try run("order", "generic", id, "--json").output.utf8)).root
            #expect(shown["orders"].elements.map { $0["order"].string } == ["7"], "\(id)")
            #expect(!shown["entries"].elements.isEmpty)
        }
        let several = try run("order", "generic", "re_7")
        #expect(several.isSuccess && several.errors.contains("Several orders bear this number"))
        #expect(try run("order", "generic", "ch_7").exit == .code(1))
        #expect(try run("order", "shopify", "ch_777").exit == .code(1))
    }

    @Test("order tells of which account each state and entry is, and --account chooses")
    func orderAccounts() throws {
        let at = EnvelopeFixture.receivedAt
        let store = try SQLiteStore(.of(home), at: at)
        for (account, goods) in [("blog", Int64(500)), ("shop", 1000)] {
            let key = OrderKey(
                account: AccountKey(source: SourceID(literal: "generic"), account: account),
                externalID: "1001"
            )
            let fact = OrderFact(
                key: key,
                observedAt: at,
                header: OrderHeader(
                    number: "#5",
                    currency: .lira,
                    totalMinor: goods,
                    financialStatus: "paid",
                    placedAt: at
                ),
                financials: OrderFinancials(
                    currency: .lira,
                    exponent: 2,
                    sale: SaleState(standing: .counting, placedAt: at, goods: goods)
                )
            )
            let fixture = try EnvelopeFixture(path: "/webhooks/generic/\(account)", json: "{}")
            let delivery = Delivery(
                envelope: try Envelope(decoding: fixture.line),
                normalized: Normalized(facts: [.order(fact)])
            )
            _ = try store.commit([delivery], at: at)
        }
        func shown(_ arguments: String...) throws -> JSONValue {
            let all = ["order", "generic"] + arguments + ["--json"]
            let result = try Console.run("growthctl", all, ["GROWTH_HOME": home.path])
            return try JSONDocument(Array(result.output.utf8)).root
        }
        let both = try shown("1001")
        for part in ["orders", "states", "entries"] {
            #expect(both[part].elements.map { $0["account"].string } == ["blog", "shop"], "\(part)")
        }
        for id in ["1001", "#5"] {
            let one = try shown(id, "--account", "shop")
            for part in ["orders", "states", "entries"] {
                #expect(one[part].elements.map { $0["account"].string } == ["shop"], "\(id) \(part)")
            }
        }
        let none = try run("order", "generic", "1001", "--account", "nobody")
        #expect(none.exit == .code(1) && none.errors.contains("1001 of generic in the account nobody"))
    }
}
