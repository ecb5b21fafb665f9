import Foundation
import Shared
import SharedStore
import TestSupport
import Testing

@Suite("growthctl migrate, fx, verify and payouts")
struct StoreCommandTests {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try Console.run("growthctl", arguments, ["GROWTH_HOME": home.path])
    }

    private func importing(_ text: String) throws -> ProcessRunner.Result {
        let path = home.file("rates.csv")
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return try run("fx", "import", path)
    }

    @Test("migrate makes the database, twice as well as once; without it the others say what to do")
    func migrate() throws {
        let early = try run("verify")
        #expect(early.exit == .code(69))
        #expect(try run("migrate").isSuccess)
        #expect(FileManager.default.fileExists(atPath: home.file("growth_engine.db")))
        #expect(
            try run("migrate", "--json").output == "{\"database\":\"\(home.file("growth_engine.db"))\"}\n"
        )
        #expect(try run("verify").output == "Every invariant holds.\n")
        #expect(try run("verify", "--json").output == "[]\n")
    }

    @Test("fx import reads a file with header, blank lines, spaces and the marks of spreadsheets")
    func goodRates() throws {
        #expect(try run("migrate").isSuccess)
        let result = try importing(
            """
            \u{FEFF}base,quote,date,rate\r
            TRY,USD,2026-11-23,42.1875\r
            \r
             try , eur ,2026-11-23, 48.9\u{20}
            """
        )
        #expect(result.isSuccess, "\(result.errors)")
        #expect(result.output.hasPrefix("2 rates are stored"))
        #expect(try importing("TRY,USD,2026-11-24,42.2").isSuccess)
    }

    @Test(
        "fx import names the first wrong line, ends with 64 and stores nothing",
        arguments: [
            ("base,quote,date,rate\nTRY,USD,2026-11-23\n", 2), ("TRY,USD,2026-11-23,abc", 1),
            ("TRY,USD,2026-11-23,1\nTRY,USD,2026-11-24,-1", 2), ("TRY,USD,2026-11-23,0", 1),
            ("TRY,USD,2026-11-23,1e3", 1), ("TRY,USD,2026-11-23,\"42,18\"", 1), ("TRY,USD,2026-02-30,1", 1),
            ("TRY,DOLLAR,2026-11-23,1", 1), ("USD,EUR,2026-11-23,1", 1), ("TRY,TRY,2026-11-23,1", 1),
            ("TRY,USD,2026-11-23,1\n\nTRY,USD,2026-11-23,2", 3), ("TRY;USD;2026-11-23;1", 1),
            ("TRY,XXX,2026-11-23,1", 1), ("TRY,CHF,2026-11-23,1000000000", 1),
        ]
    )
    func badRates(text: String, line: Int) throws {
        let result = try importing(text)
        #expect(result.exit == .code(64))
        #expect(result.errors.contains("Line \(line) "), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: home.file("growth_engine.db")))
    }

    @Test("fx import refuses a rate that is far from the stored one beside it, unless it is forced")
    func leaps() throws {
        #expect(try run("migrate").isSuccess)
        #expect(try importing("TRY,USD,2026-11-20,42.1").output == "1 rate is stored; 0 days changed.\n")
        let inverse = try importing("TRY,USD,2026-11-23,42.2\nTRY,USD,2026-11-24,0.0237")
        #expect(inverse.exit == .code(64))
        #expect(inverse.errors.contains("2026-11-24, 0.0237"), "\(inverse.errors)")
        #expect(inverse.errors.contains("is one of the two the inverse?"))
        #expect(try !run("fx", "list").output.contains("2026-11-23"), "nothing is stored")
        #expect(try importing("TRY,USD,2026-11-23,9\nTRY,EUR,2026-11-23,0.02").isSuccess)
        try "TRY,USD,2026-11-24,0.0237".write(
            toFile: home.file("rates.csv"),
            atomically: false,
            encoding: .utf8
        )
        #expect(try run("fx", "import", home.file("rates.csv"), "--dry-run").exit == .code(64))
        let dry = try run("fx", "import", home.file("rates.csv"), "--dry-run", "--force")
        #expect(dry.output == "1 rate can be stored; nothing was.\n")
        #expect(try !run("fx", "list").output.contains("0.0237"))
        #expect(try run("fx", "import", home.file("rates.csv"), "--force").isSuccess)
        let swapped = try importing("USD,TRY,2026-11-23,0.0237")
        #expect(swapped.exit == .code(64) && swapped.errors.contains("Swap the columns base and quote"))
    }

    @Test("fx import knows an inverse within one file, and lets years bring a rate far")
    func leapsInTime() throws {
        #expect(try run("migrate").isSuccess)
        #expect(try importing("TRY,GBP,2026-11-26,55.1\nTRY,GBP,2026-11-27,0.0181").exit == .code(64))
        #expect(try importing("TRY,USD,2021-03-01,7.45\nTRY,USD,2026-11-27,42.3").isSuccess)
        #expect(try importing("TRY,USD,2021-03-02,0.134").exit == .code(64))
        #expect(try importing("TRY,JPY,2021-03-01,0.068\nTRY,JPY,2021-03-02,6.8").exit == .code(64))
        #expect(try importing("TRY,EUR,2026-11-27,0.0205").isSuccess, "nothing to compare it with")
        let right = try importing("TRY,EUR,2026-11-27,48.7")
        #expect(right.errors.contains("0.0205: is one of the two the inverse?"), "\(right.errors)")
    }

    @Test("rates may come before the worker: fx import makes the database, and says so; others make none")
    func wrongFolder() throws {
        let replay = try run("replay", "--since", "2026-11-01")
        #expect(replay.exit == .code(69))
        #expect(replay.errors.contains("There is no database"), "\(replay.errors)")
        #expect(!FileManager.default.fileExists(atPath: home.file("growth_engine.db")))
        let result = try importing("TRY,USD,2026-11-23,42.1")
        #expect(result.isSuccess && result.errors.contains("made \(home.file("growth_engine.db"))"))
        #expect(try importing("TRY,USD,2026-11-24,42.1").errors.isEmpty)
    }

    @Test("fx import refuses a file that is empty or not there")
    func noRates() throws {
        #expect(try importing("base,quote,date,rate\n").exit == .code(64))
        #expect(try run("fx", "import", home.file("nowhere.csv")).exit == .code(64))
    }

    @Test("growthctl's changes come in turn while a worker commits batch after batch")
    func busyWorker() async throws {
        #expect(try run("migrate").isSuccess)
        let lane = try SQLiteStore(.of(home), at: EnvelopeFixture.receivedAt)
        let reader = DeliveryReader(adapters: ProviderCatalog.adapters(mappings: [:]))
        let state = Monitor((batches: 0, isOver: false))
        async let work: Void = OffPool.run {
            var next = 1
            while !state.withLock({ $0.isOver }) {
                let batch = try (next..<next + 100).map {
                    reader.delivery(of: try DecodedEnvelope(decoding: try Jobs.order($0)))
                }
                next += 100
                _ = try lane.commit(batch, at: EnvelopeFixture.receivedAt)
                state.withLock { $0.batches += 1 }
            }
        }
        try await OffPool.run {
            defer { state.withLock { $0.isOver = true } }
            let deadline = ContinuousClock.now + .seconds(30)
            #expect(state.wait(until: deadline) { $0.batches > 2 ? true : nil } == true)
            for day in 10...14 {
                let result = try importing("TRY,USD,2026-11-\(day),42.2")
                #expect(result.isSuccess, "\(result.errors)")
            }
        }
        try await work
        #expect(try run("verify").isSuccess)
    }

    @Test("fx import takes the ECB's XML, keeps quotients exact, and says which days it left out")
    func referenceRates() throws {
        #expect(try run("migrate").isSuccess)
        let path = home.file("rates.xml")
        func importing(_ text: String, _ options: String...) throws -> ProcessRunner.Result {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            return try Console.run(
                "growthctl",
                ["fx", "import", path, "--json"] + options,
                ["GROWTH_HOME": home.path]
            )
        }
        let document = """
            <?xml version="1.0" encoding="UTF-8"?>
            <gesmes:Envelope xmlns:gesmes="urn:a" xmlns="urn:b"><Cube>
              <Cube time='2026-11-24'>
                <Cube currency='USD' rate='1.0817'/><Cube currency='TRY' rate='48.2103'/></Cube>
              <Cube time='2026-11-23'><Cube currency='USD' rate='1.0790'/></Cube>
            </Cube></gesmes:Envelope>
            """
        #expect(
            try importing(document).output
                == #"{"rates":2,"days":0,"skipped_days":1,"dry_run":false}"# + "\n"
        )
        #expect(
            try run("fx", "list", "--json", "--currency", "USD").output
                == #"[{"date":"2026-11-24","quote":"USD","base":"TRY","rate":"48.2103/1.0817","provider":"ecb"}]"#
                + "\n"
        )
        #expect(try importing(document, "--from", "2026-11-25").exit == .code(64))
        let wrong = try importing(document.replacing("48.2103", with: "-1"))
        #expect(wrong.exit == .code(64) && wrong.errors.contains("Line 4"), "\(wrong.errors)")
        #expect(try importing("<!DOCTYPE a><a/>").exit == .code(64))
    }

    /// Orders are found by the number that their customer knows, where no id is equal; several are listed.
    private func namedOrders(_ store: SQLiteStore, _ account: AccountKey, _ at: Timestamp) throws {
        let facts = [("8", "#3001"), ("9", "#3002"), ("10", "#3002"), ("11", "7")].map { id, number in
            Fact.order(
                OrderFact(
                    key: OrderKey(account: account, externalID: id),
                    observedAt: at,
                    header: OrderHeader(number: number, currency: .lira, placedAt: at),
                    financials: nil
                )
            )
        }
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/shop", json: "{\"n\":1}")
        let delivery = Delivery(
            envelope: try Envelope(decoding: fixture.line),
            normalized: Normalized(facts: facts)
        )
        _ = try store.commit([delivery], at: at)
        func shown(_ text: String) throws -> JSONValue {
            try JSONDocument(Array(try run("order", "generic", text, "--json").output.utf8)).root
        }
        let one = try shown("#3001")
        #expect(one["orders"].elements.map { $0["order"].string } == ["8"] && one["states"].kind == .array)
        #expect(try shown("7")["orders"].elements.map { $0["order"].string } == ["7"])
        let several = try run("order", "generic", "#3002")
        #expect(several.isSuccess && several.errors.contains("Several orders bear this number"))
        #expect(several.output.contains("\n9 ") && several.output.contains("\n10 "), "\(several.output)")
        #expect(try run("order", "generic", "#3003").exit == .code(1))
    }

    @Test("payouts, days, order and clear tell of what the ledger holds")
    func money() throws {
        #expect(try run("migrate").isSuccess)
        #expect(try run("payouts", "list", "--json").output == "[]\n")
        #expect(
            try run("payouts", "unmatched", "--json").output == "{\"payouts\":[],\"lines\":[]}\n"
        )
        #expect(try run("payouts", "show", "shopify", "1").exit == .code(1))
        #expect(try run("payouts", "list", "--state", "nothing").exit == .code(64))
        #expect(try run("days", "--json", "--from", "2026-11-01", "--to", "2026-11-02").output == "[]\n")
        #expect(try run("days", "--from", "2026-11-03", "--to", "2026-11-02").exit == .code(64))
        #expect(try run("order", "shopify", "1").exit == .code(1))
        #expect(try run("clear", "shopify", "1", "--reason", "seen").exit == .code(1))
        #expect(try run("clear", "shopify", "1", "--reason", " ").exit == .code(64))
        let other = try run("clear", "shopify", "1", "--reason", "seen", "--account", "nope")
        #expect(other.errors.contains("no order 1 of shopify in the account nope"), "\(other.errors)")
        #expect(try run("alerts", "notifications", "--json").output == "[]\n")
        let configuration = try SQLiteStore.Configuration.of(home)
        let store = try SQLiteStore(configuration, at: EnvelopeFixture.receivedAt)
        let account = AccountKey(source: SourceID(literal: "generic"), account: "shop")
        let at = EnvelopeFixture.receivedAt
        let order = OrderFact(
            key: OrderKey(account: account, externalID: "7"),
            observedAt: at,
            header: OrderHeader(currency: .lira, totalMinor: 1000, financialStatus: "paid", placedAt: at),
            financials: OrderFinancials(
                currency: .lira,
                exponent: 2,
                sale: SaleState(standing: .counting, placedAt: at, goods: 1000)
            )
        )
        func line(
            _ id: String,
            _ order: String,
            _ type: PayoutLine.LineType = .charge,
            gross: Int64 = 500
        ) -> PayoutLine {
            PayoutLine(
                id: id,
                type: type,
                orderExternalID: order,
                grossMinor: gross,
                feeMinor: type == .charge ? 5 : 0,
                currency: .lira,
                occurredAt: at
            )
        }
        let payout = PayoutFact(
            account: account,
            externalID: "po",
            currency: .lira,
            exponent: 2,
            netMinor: 960,
            status: .scheduled,
            observedAt: at,
            lines: [line("a", "7"), line("b", "ghost"), line("c", "7", .refund, gross: -20)],
            hasAllLines: true
        )
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/shop", json: "{}")
        let delivery = Delivery(
            envelope: try Envelope(decoding: fixture.line),
            normalized: Normalized(facts: [.order(order), .payout(payout)])
        )
        #expect(try store.commit([delivery], at: at).entries == 2)
        let list = try JSONDocument(Array(try run("payouts", "list", "--json").output.utf8)).root
        let row = try #require(list.elements.first)
        #expect(row["state"].string == "DISCREPANCY" && row["difference"].string == "-0.10")
        #expect(row["open"].int64 == 2 && row["lines_sum"].string == "9.70")
        #expect(try run("payouts", "list", "--state", "matched", "--json").output == "[]\n")
        let open = try run("payouts", "unmatched").output
        #expect(open.contains("ghost") && open.contains("DISCREPANCY") && open.contains("UNBOOKED"))
        #expect(try run("payouts", "show", "generic", "po").output.contains("MATCHED"))
        let shown = try run("order", "generic", "7", "--json").output
        #expect(shown.contains("\"kind\":\"SALE\"") && shown.contains("\"payment\":\"paid\""))
        #expect(
            try run("clear", "generic", "7", "--reason", "bank statement", "--json", "--dry-run").output
                == "{\"entries\":1,\"dry_run\":true}\n"
        )
        #expect(
            try run("clear", "generic", "7", "--reason", "bank statement", "--json").output
                == "{\"entries\":1,\"dry_run\":false}\n"
        )
        #expect(try run("order", "generic", "7").output.contains("MANUAL"))
        try namedOrders(store, account, at)
        let day = configuration.calendar.date(of: at)
        let days = try run("days", "--from", "\(day)", "--to", "\(day)", "--json").output
        #expect(
            days.contains("\"net_revenue\":\"9.95\"") && days.contains("\"cleared\":\"10.00\""),
            "\(days)"
        )
        #expect(try run("verify").isSuccess)
    }
}
