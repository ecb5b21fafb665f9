import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("What the database remembers of Redis")
struct ClaimStoreTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore
    private let now = Timestamp(milliseconds: 1_795_428_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(Self.configuration(directory.file("a.db")), at: now)
    }

    private static func configuration(_ path: String) throws -> SQLiteStore.Configuration {
        SQLiteStore.Configuration(
            path: path,
            calendar: try #require(BusinessCalendar(identifier: "Europe/Istanbul")),
            baseCurrency: .lira,
            signalSources: []
        )
    }

    @Test("a loss is noted once, of the token that is remembered, and stays until somebody saw it")
    func loss() throws {
        #expect(try store.claim() == QueueClaim())
        #expect(try store.noteLoss(of: "a", since: nil, at: now) == nil)
        try store.remember(token: "a")
        #expect(try store.noteLoss(of: "b", since: nil, at: now) == nil)
        let since = now.advanced(byMilliseconds: -60_000)
        let loss = QueueLoss(since: since, foundAt: now)
        #expect(try store.noteLoss(of: "a", since: since, at: now) == loss)
        #expect(try store.noteLoss(of: "a", since: since, at: now) == nil)
        #expect(try store.claim() == QueueClaim(loss: loss))
        // A second one before anybody saw the first.
        try store.remember(token: "b")
        let later = now.advanced(byMilliseconds: 1000)
        let both = QueueLoss(since: since, foundAt: later)
        #expect(try store.noteLoss(of: "b", since: now, at: later) == both)
        try store.remember(token: "c")
        #expect(try store.acknowledgeLoss(forgetting: nil) == both)
        #expect(try store.claim() == QueueClaim(token: "c"))
        // A worker wrote another one since it was looked.
        #expect(try store.acknowledgeLoss(forgetting: "b") == nil)
        #expect(try store.claim() == QueueClaim(token: "c"))
        #expect(try store.acknowledgeLoss(forgetting: "c") == nil)
        #expect(try store.claim() == QueueClaim())
    }

    @Test("without another sign, jobs may be missing since the last delivery that is stored")
    func sinceLastDelivery() throws {
        try store.remember(token: "a")
        let loss = try #require(try store.noteLoss(of: "a", since: nil, at: now))
        #expect(loss.since == now)
    }

    @Test("a backup does not remember which Redis it was beside, but what nobody has seen yet")
    func backup() throws {
        try store.remember(token: "a")
        let loss = try store.noteLoss(of: "a", since: nil, at: now)
        try store.remember(token: "b")
        let path = directory.file("copy.db")
        try store.copy(to: path)
        #expect(try store.claim() == QueueClaim(token: "b", loss: loss))
        let copy = try SQLiteStore(Self.configuration(path), at: now)
        #expect(try copy.claim() == QueueClaim(loss: loss))
        copy.close()
    }
}
