import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("Deliveries by id")
struct InboxSearchTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        let configuration = try SQLiteFixture.configuration(path: directory.file("growth_engine.db"))
        store = try SQLiteStore(configuration, at: Day.start)
    }

    private static func id(_ number: Int, at instant: Timestamp) -> String {
        ULID(at: instant, randomHigh: 0, randomLow: UInt64(number)).description
    }

    /// Delivery `d<number>`, a minute after the one before.
    private static func at(_ number: Int) -> Timestamp {
        Day.start.advanced(byMilliseconds: Int64(number) * 60_000)
    }

    private func delivery(_ number: Int, isTest: Bool = false, content: String = "{}") -> Delivery {
        var delivery = Story.delivery(
            "d\(number)",
            [],
            receivedAt: Self.at(number),
            isTest: isTest,
            content: content
        )
        delivery.envelope.id = Self.id(number, at: Self.at(number))
        delivery.envelope.provenance.eventID = "e\(number)"
        return delivery
    }

    @Test("indexes lead to a delivery by the provider's id and by the intake's, however many there are")
    func indexed() throws {
        _ = try store.commit((1...50).map { delivery($0) }, at: Day.start)
        for id in ["d7", Self.id(7, at: Self.at(7))] {
            let found = try store.inboxRows(of: id, readsAll: false, window: 1)
            #expect(found.rows.map(\.deliveryID) == ["d7"] && found.unread == 0, "\(id)")
        }
        let row = try #require(try store.inboxRows(of: "d7", readsAll: false).rows.first)
        #expect(row.account == Story.account && row.state == "NOOP" && row.eventID == "e7")
        #expect(row.receivedAt == Self.at(7) && row.note == nil && row.error == nil)
    }

    @Test("a second body under one id is found by that id too")
    func twoBodies() throws {
        let second = Story.delivery("d1", [], body: "another", receivedAt: Self.at(2))
        _ = try store.commit([delivery(1), second], at: Day.start)
        let found = try store.inboxRows(of: "d1", readsAll: false).rows.map(\.deliveryID)
        #expect(found.count == 2 && found[0] == "d1" && found[1].hasPrefix("d1#"), "\(found)")
    }

    @Test("without an index the rows about the time of the id are read, or the newest, or all")
    func scanned() throws {
        _ = try store.commit((1...100).map { delivery($0, isTest: true, content: "") }, at: Day.start)
        let old = Self.id(30, at: Self.at(30))
        let near = try store.inboxRows(of: old, readsAll: false, window: 20)
        #expect(near.rows.map(\.deliveryID) == ["d30"] && near.unread == 80)
        let newest = try store.inboxRows(of: "e95", readsAll: false, window: 20)
        #expect(newest.rows.map(\.deliveryID) == ["d95"])
        let missed = try store.inboxRows(of: "e30", readsAll: false, window: 20)
        #expect(missed.rows.isEmpty && missed.unread == 80)
        let all = try store.inboxRows(of: "e30", readsAll: true, window: 20)
        #expect(all.rows.map(\.deliveryID) == ["d30"] && all.unread == 0)
        #expect(try store.inboxRows(of: "e300", readsAll: false).unread == 0)
    }

    @Test("an empty inbox has nothing")
    func empty() throws {
        for id in ["d1", Self.id(1, at: Day.start)] {
            #expect(try store.inboxRows(of: id, readsAll: false) == InboxFindings())
        }
    }
}
