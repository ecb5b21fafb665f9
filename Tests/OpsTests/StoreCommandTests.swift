import Foundation
import Shared
import SharedStore
import TestSupport
import Testing

@Suite("growthctl migrate, fx, verify and alerts")
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
        ]
    )
    func badRates(text: String, line: Int) throws {
        let result = try importing(text)
        #expect(result.exit == .code(64))
        #expect(result.errors.contains("Line \(line) "), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: home.file("growth_engine.db")))
    }

    @Test("fx import refuses a file that is empty or not there")
    func noRates() throws {
        #expect(try importing("base,quote,date,rate\n").exit == .code(64))
        #expect(try run("fx", "import", home.file("nowhere.csv")).exit == .code(64))
    }

    @Test("alerts list shows open alerts, and resolved ones when asked")
    func alerts() throws {
        #expect(try run("migrate").isSuccess)
        #expect(try run("alerts", "list", "--json").output == "[]\n")
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        let store = try SQLiteStore(
            .init(
                path: home.file("growth_engine.db"),
                calendar: calendar,
                baseCurrency: .lira,
                signalSources: []
            ),
            at: EnvelopeFixture.receivedAt
        )
        let epoch = try #require(
            try store.acquireLease(holder: "test", milliseconds: 1000, at: EnvelopeFixture.receivedAt)
        )
        let alert = Alert(
            id: 0,
            rule: .noSignal,
            scope: "generic",
            fingerprint: "NO_SIGNAL|generic|x",
            severity: .warning,
            state: .firing,
            activeSince: EnvelopeFixture.receivedAt,
            firedAt: EnvelopeFixture.receivedAt,
            detail: AlertDetail(lastReceivedAt: EnvelopeFixture.receivedAt)
        )
        #expect(try store.apply([.open(alert)], epoch: epoch, at: EnvelopeFixture.receivedAt))
        let open = try JSONDocument(Array(try run("alerts", "list", "--json").output.utf8)).root
        let row = try #require(open.elements.first)
        #expect(row["rule"].string == "NO_SIGNAL" && row["scope"].string == "generic")
        let id = try #require(row["id"].int64)
        let resolve = WatchdogAction.resolve(id: id, reason: "SIGNAL")
        #expect(try store.apply([resolve], epoch: epoch, at: EnvelopeFixture.receivedAt))
        #expect(try run("alerts", "list").output.split(separator: "\n").count == 1)
        #expect(try run("alerts", "list", "--all").output.contains("RESOLVED"))
    }
}
