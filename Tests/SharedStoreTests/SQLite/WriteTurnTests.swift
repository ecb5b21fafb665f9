import Foundation
import GRDB
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("The turns of those who write")
struct WriteTurnTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.file("growth_engine.db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open(patience: Int = 5000) throws -> SQLiteStore {
        try SQLiteStore(SQLiteFixture.configuration(path: path, busyTimeout: patience), at: Day.start)
    }

    /// A transaction of some ten milliseconds.
    private static func batch(_ store: SQLiteStore) throws {
        try store.write { db in for number in 0..<2000 { try db.setMeta("lane", String(number)) } }
    }

    private static func commit(_ number: Int, to store: SQLiteStore) throws {
        let order = Story.order("\(number)", at: Day.at(10), sale: Story.sale(100))
        _ = try store.commit([Story.delivery("\(number)", [order])], at: Day.start)
    }

    @Test("come round: lanes that commit back to back let an operator in after a batch of each")
    func operators() async throws {
        let lanes = try [open(), open()]
        let store = try open(patience: 30_000)
        let state = Monitor((batches: 0, isOver: false))
        let waits = try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes {
                group.addTask {
                    try await OffPool.run {
                        while !state.withLock({ $0.isOver }) {
                            try Self.batch(lane)
                            state.withLock { $0.batches += 1 }
                        }
                    }
                }
            }
            let waits = try await OffPool.run {
                defer { state.withLock { $0.isOver = true } }
                let deadline = ContinuousClock.now + .seconds(30)
                _ = state.wait(until: deadline) { $0.batches > 1 ? true : nil }
                return try (0..<20).map { number in
                    let (before, start) = (state.withLock { $0.batches }, ContinuousClock.now)
                    try Self.commit(number, to: store)
                    return (ContinuousClock.now - start, state.withLock { $0.batches } - before)
                }
            }
            try await group.waitForAll()
            return waits
        }
        let slowest = try #require(waits.map(\.0).max())
        let batches = waits.map(\.1)
        print("20 writes behind two busy lanes: the slowest took \(slowest), batches meanwhile: \(batches)")
        #expect(slowest < .seconds(15))
        #expect(batches.reduce(0, +) <= 20 * 8, "the lanes had \(batches) batches meanwhile")
    }

    @Test("come round for a lane, too: an operator's pages back to back don't keep it out")
    func lane() async throws {
        let (pages, lane) = try (open(patience: 30_000), open())
        let isOver = Monitor(false)
        async let paging: Void = OffPool.run {
            while !isOver.withLock({ $0 }) { try Self.batch(pages) }
        }
        try await OffPool.run {
            defer { isOver.withLock { $0 = true } }
            for number in 0..<20 { try Self.commit(number, to: lane) }
        }
        try await paging
    }

    @Test("count as one waiting: of many writes at once none waits for the patience of the others")
    func together() async throws {
        let store = try open(patience: 600)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        let waits = try await withThrowingTaskGroup(of: (Duration, StoreError.Code?).self) { group in
            for number in 0..<12 {
                group.addTask {
                    try await OffPool.run {
                        let start = ContinuousClock.now
                        do {
                            try Self.commit(number, to: store)
                            return (ContinuousClock.now - start, nil)
                        } catch {
                            return (ContinuousClock.now - start, (error as? StoreError)?.code)
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // One and a half patiences; one after the other, the last would have waited for eighteen.
        let slowest = try #require(waits.map(\.0).max())
        #expect(slowest < .milliseconds(600 * 5), "the slowest waited \(slowest)")
        #expect(waits.allSatisfy { $0.1 == .unavailable })
        try await other.writeWithoutTransaction { try $0.rollback() }
        for number in 0..<12 { try Self.commit(number, to: store) }
        #expect(try store.verify() == [])
    }

    @Test("are no condition: where a stopped process keeps the turn, the others write without, and soon")
    func stopped() throws {
        let store = try open(patience: 4000)
        let descriptor = Foundation.open("\(path)-turn", O_RDONLY)
        defer { close(descriptor) }
        try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let start = ContinuousClock.now
        for number in 0..<60 { try Self.commit(number, to: store) }
        // Waiting half as long each time comes to four seconds; without that it were two minutes.
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test("are nobody's who may only read the database")
    func readers() throws {
        try open().close()
        chmod(path, 0o644)
        _ = WriteTurn(path: path, patience: WriterPatience(lockMilliseconds: 10))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)-turn")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("go without where a pipe stands in the file's place, and wait for no writer of it")
    func pipe() throws {
        try open().close()
        unlink("\(path)-turn")
        try #require(mkfifo("\(path)-turn", 0o600) == 0)
        try Self.commit(1, to: try open())
    }

    @Test("lie in an empty file that has the rights of the database")
    func file() throws {
        try open().close()
        chmod(path, 0o600)
        unlink("\(path)-turn")
        try open().close()
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)-turn")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 0)
    }

    @Test("have those rights whatever the umask of the first who writes, and get them back")
    func umasked() throws {
        try open().close()
        chmod(path, 0o660)
        unlink("\(path)-turn")
        func rights() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: "\(path)-turn")[.posixPermissions] as? Int
        }
        let before = umask(0o077)
        _ = WriteTurn(path: path, patience: WriterPatience(lockMilliseconds: 10))
        umask(before)
        #expect(try rights() == 0o660)
        chmod("\(path)-turn", 0o600)
        _ = WriteTurn(path: path, patience: WriterPatience(lockMilliseconds: 10))
        #expect(try rights() == 0o660)
    }

    @Test("have the database's owner when root comes first", .enabled(if: geteuid() == 0))
    func owner() throws {
        try open().close()
        try #require(chown(path, 12_345, 12_346) == 0)
        unlink("\(path)-turn")
        _ = WriteTurn(path: path, patience: WriterPatience(lockMilliseconds: 10))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)-turn")
        #expect(attributes[.ownerAccountID] as? Int == 12_345)
        #expect(attributes[.groupOwnerAccountID] as? Int == 12_346)
    }

    @Test("are the same by whatever name the database is opened")
    func link() throws {
        try open().close()
        let name = directory.file("link.db")
        try #require(symlink(path, name) == 0)
        unlink("\(path)-turn")
        _ = WriteTurn(path: name, patience: WriterPatience(lockMilliseconds: 10))
        #expect(access("\(path)-turn", F_OK) == 0 && access("\(name)-turn", F_OK) != 0)
    }
}
