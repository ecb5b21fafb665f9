import Foundation
import GRDB
import MoneyCheck
import MoneyModel
import Shared
import SharedStore
import TestSupport
import Testing

@Suite("Books that converge", .serialized)
struct ConvergenceTests {
    @Test("are the same for every order of arrival, every batch size and every repetition")
    func arrivals() throws {
        var random = SeededGenerator(test: "Convergence")
        for _ in 0..<3 {
            let quarter = Quarter(seed: random.next(), orders: 30)
            let plain = try QuarterRun(quarter)
            try plain.deliver(quarter.webhooks)
            let expected = try QuarterBooks.money(plain.books.path)
            for batch in [1, 7, 1000] {
                let run = try QuarterRun(quarter)
                let deliveries = quarter.webhooks + quarter.webhooks.filter { _ in random.chance(1, in: 2) }
                try run.deliver(deliveries.shuffled(using: &random), batch: batch)
                expectEqual(
                    try QuarterBooks.money(run.books.path),
                    expected,
                    "seed \(quarter.seed), batch \(batch)"
                )
                #expect(try run.books.store.verify() == [])
            }
        }
    }

    @Test("are the same when the rates come last, and data_version grows with every posting")
    func lateRates() async throws {
        let quarter = Quarter(seed: 4, orders: 30)
        let plain = try QuarterRun(quarter)
        let late = try QuarterRun(quarter, hasRates: false)
        var intake = try MoneyIntake()
        var version: Int64 = 0
        var entries = 0
        for webhook in quarter.webhooks {
            let line = try intake.receive(webhook).line
            try plain.commit([line])
            try late.commit([line])
            let now = try await late.books.store.versions().data
            let count = Int(try late.books.rows("SELECT count(*) FROM growth_ledger_entry")[0][0]) ?? 0
            #expect(now >= version)
            if count > entries { #expect(now > version, "a posting leaves data_version as it was") }
            (version, entries) = (now, count)
        }
        try late.books.importRates(quarter.rates)
        expectEqual(
            try QuarterBooks.money(late.books.path),
            try QuarterBooks.money(plain.books.path),
            "late rates"
        )
    }

    @Test("are the same again when the stored bodies are replayed into an empty database")
    func replay() throws {
        let quarter = Quarter(seed: 5, orders: 40)
        var courier = Courier(seed: 5)
        let original = try QuarterRun(quarter)
        var intake = try MoneyIntake()
        let lines = try courier.deliver(quarter.webhooks).map { try intake.receive($0).line }
        try original.commit(lines)
        let kept = try DatabaseQueue(path: original.books.path).read { db in
            Set(try String.fetchAll(db, sql: "SELECT envelope_id FROM growth_inbox WHERE body IS NOT NULL"))
        }
        let replayed = try lines.filter { kept.contains(try DecodedEnvelope(decoding: $0).envelope.id) }
        #expect(replayed.count < lines.count)
        let again = try QuarterRun(quarter)
        try again.commit(replayed.reversed())
        expectEqual(
            try QuarterBooks.money(again.books.path),
            try QuarterBooks.money(original.books.path),
            "replay"
        )
        // Into the same database a replay says nothing new.
        let before = try original.books.rows("SELECT count(*), max(id) FROM growth_ledger_entry")
        try original.commit(replayed)
        #expect(try original.books.rows("SELECT count(*), max(id) FROM growth_ledger_entry") == before)
    }

    private func expectEqual(_ found: [[String]], _ expected: [[String]], _ subject: String) {
        guard found != expected else { return }
        let (found, expected) = (Set(found), Set(expected))
        Issue.record(
            """
            \(subject): only here \(Array(found.subtracting(expected)).prefix(8)), \
            only there \(Array(expected.subtracting(found)).prefix(8))
            """
        )
    }
}
