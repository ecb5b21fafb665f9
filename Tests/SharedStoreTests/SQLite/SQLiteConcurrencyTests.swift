import Foundation
import GRDB
import Shared
import SharedStore
import TestSupport
import Testing

@Suite("Several processes on one SQLite file")
struct SQLiteConcurrencyTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("growth_engine.db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("open, migrate and write at once, and every one gets its turn")
    func writers() async throws {
        let path = path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    let store = try SQLiteStore(
                        SQLiteFixture.configuration(path: path, busyTimeout: 60_000),
                        at: Day.start
                    )
                    for round in 0..<15 {
                        let own = Story.order("\(writer)-\(round)", at: Day.at(10), sale: Story.sale(100))
                        let shared = Story.order(
                            "shared",
                            at: Day.at(10, hour: round),
                            sale: Story.sale(Int64(1000 + round))
                        )
                        _ = try store.commit(
                            [Story.delivery("\(writer)-\(round)", [own, shared])],
                            at: Day.start
                        )
                    }
                    store.close()
                }
            }
            try await group.waitForAll()
        }
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        #expect(try store.verify() == [])
        let figures = try await store.days(
            in: Day.date(1)...Day.date(30),
            scope: ReportScope(currency: .lira)
        )
        #expect(figures.map(\.netRevenue) == [60 * 100 + 1014])
        #expect(figures.map(\.orders) == [61])
    }

    @Test("open a new file at the same moment, and none is turned away")
    func openings() async throws {
        for round in 0..<20 {
            let path = directory.file("new-\(round).db")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try SQLiteStore(
                            SQLiteFixture.configuration(path: path, busyTimeout: 60_000),
                            at: Day.start
                        ).close()
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("say unavailable when the lock is not free within the timeout, and lose nothing")
    func busy() throws {
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path, busyTimeout: 50), at: Day.start)
        let delivery = Story.delivery("d1", [Story.order(at: Day.at(10), sale: Story.sale(100))])
        let other = try DatabaseQueue(path: path)
        try other.inDatabase { db in
            try db.beginTransaction(.immediate)
            let error = #expect(throws: StoreError.self) { try store.commit([delivery], at: Day.start) }
            #expect(error?.code == .unavailable)
            try db.rollback()
        }
        #expect(try store.commit([delivery], at: Day.start).entries == 1)
    }
}
