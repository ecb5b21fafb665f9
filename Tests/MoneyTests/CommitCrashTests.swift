import Foundation
import GRDB
import MoneyCheck
import MoneyModel
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("A crash inside a commit", .serialized)
struct CommitCrashTests {
    /// A database and the files that a process which died at that moment leaves behind.
    private struct Wreck {
        let directory: TemporaryDirectory
        let moment: String
        var path: String { directory.file("growth_engine.db") }
    }

    @Test("between any two statements leaves the batch whole or not there, and a repetition completes it")
    func everyStatement() throws {
        var random = SeededGenerator(test: "Commit crash")
        let quarter = Quarter(seed: random.next(), orders: 14)
        var courier = Courier(seed: quarter.seed)
        let deliveries = courier.deliver(quarter.webhooks)
        let run = try QuarterRun(quarter)
        var intake = try MoneyIntake()
        let lines = try deliveries.map { try intake.receive($0).line }
        // Most of the story is there already, so that the batch updates rows, clears and takes back.
        let cut = lines.count * 2 / 3
        try run.commit(Array(lines[..<cut]))
        let before = try QuarterBooks.money(run.books.path)
        let batch = Array(lines[cut...].prefix(24))
        let wrecks = try wrecks(of: run) { try run.commit(batch) }
        let after = try QuarterBooks.money(run.books.path)
        #expect(before != after)
        #expect(wrecks.count > 200)
        // Every statement is tried; the costly repetition on every seventh.
        for (index, wreck) in wrecks.enumerated() {
            let money = try QuarterBooks.money(wreck.path)
            #expect(money == before, "statement \(index), seed \(quarter.seed): \(wreck.moment)")
            guard index % 7 == 0 else { continue }
            try expectRepair(wreck, quarter, batch, after)
        }
    }

    @Test("while the log is written leaves the batch whole or not there")
    func tornLog() throws {
        var random = SeededGenerator(test: "Torn log")
        let quarter = Quarter(seed: random.next(), orders: 8)
        let run = try QuarterRun(quarter)
        var intake = try MoneyIntake()
        let lines = try quarter.webhooks.map { try intake.receive($0).line }
        let cut = lines.count / 2
        try run.commit(Array(lines[..<cut]))
        let before = try QuarterBooks.money(run.books.path)
        let old = try size(run.books.path + "-wal")
        let batch = Array(lines[cut...].prefix(16))
        try run.commit(batch)
        let after = try QuarterBooks.money(run.books.path)
        let new = try size(run.books.path + "-wal")
        #expect(new > old)
        for _ in 0..<24 {
            let wreck = try copy(run.books.path, moment: "torn")
            let length = Int.random(in: old...new, using: &random)
            let file = try FileHandle(forWritingTo: URL(filePath: wreck.path + "-wal"))
            try file.truncate(atOffset: UInt64(length))
            try file.close()
            let money = try QuarterBooks.money(wreck.path)
            #expect(money == before || money == after, "cut at \(length) of \(new)")
            try expectRepair(wreck, quarter, batch, after)
        }
    }

    /// Runs a commit and keeps, before each of its statements, what a dead process would leave.
    private func wrecks(of run: QuarterRun, _ commit: () throws -> Void) throws -> [Wreck] {
        let found = Monitor<[Wreck]>([])
        let failures = Monitor<[String]>([])
        let path = run.books.path
        run.books.store.writer.writeWithoutTransaction { db in
            db.trace { event in
                do {
                    let wreck = try copy(path, moment: "\(event)")
                    found.withLock { $0.append(wreck) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        try commit()
        run.books.store.writer.writeWithoutTransaction { db in db.trace(options: []) }
        #expect(failures.withLock { $0 } == [])
        return found.withLock { $0 }
    }

    private func copy(_ path: String, moment: String) throws -> Wreck {
        let wreck = Wreck(directory: try TemporaryDirectory(), moment: moment)
        for ending in ["", "-wal"] where FileManager.default.fileExists(atPath: path + ending) {
            try FileManager.default.copyItem(atPath: path + ending, toPath: wreck.path + ending)
        }
        return wreck
    }

    private func size(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Commits the batch again on what is left, as the next worker does.
    private func expectRepair(
        _ wreck: Wreck,
        _ quarter: Quarter,
        _ batch: [[UInt8]],
        _ after: [[String]]
    ) throws {
        let next = QuarterRun(try QuarterBooks(quarter, path: wreck.path))
        try next.commit(batch)
        #expect(try QuarterBooks.money(wreck.path) == after, "\(wreck.moment)")
        #expect(try next.books.store.verify() == [], "\(wreck.moment)")
        next.books.store.close()
    }
}
