import Foundation
import GRDB
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("The plan of an erasure")
struct ErasurePlanTests {
    private static let phone = "h1:k1:" + String(repeating: "1", count: 64)
    private static let email = "h1:k1:" + String(repeating: "2", count: 64)
    private static let subjects = [
        ErasureSubject(customers: [phone]), ErasureSubject(orders: [Story.key("1")]),
    ]

    @Test("is carried out in pages, each row once, and what is a key to others after them")
    func pages() {
        let plan = ErasurePlan(
            orders: Set(1...1001),
            deliveries: Set(1...1500),
            keyOrders: [7],
            keyDeliveries: Set(1...600)
        )
        let pages = plan.pages(of: 500)
        #expect(pages.map(\.deliveries.count) == [500, 400, 0, 0, 0, 500, 100])
        #expect(pages.map(\.orders.count) == [0, 0, 500, 500, 1, 0, 0])
        #expect(pages[4].orders == [7])
        #expect(pages.suffix(2).reduce(into: Set<Int64>()) { $0.formUnion($1.deliveries) } == Set(1...600))
        #expect(pages.reduce(into: Set<Int64>()) { $0.formUnion($1.orders) } == plan.orders)
        #expect(pages.reduce(into: Set<Int64>()) { $0.formUnion($1.deliveries) } == plan.deliveries)
        #expect(ErasurePlan().pages(of: 500).isEmpty)
    }

    /// Two orders under the pseudonym of an address; one delivery of each names the phone number too.
    private static func deliveries() -> [Delivery] {
        let both = #"{"email":"\#(email)","phone":"\#(phone)"}"#
        return [
            ("1", "d1", both), ("2", "d2", both), ("1", "d3", #"{"email":"\#(email)"}"#),
            ("2", "d4", #"{"note":"no name"}"#), ("1", "d5", #"{"note":"no name"}"#),
        ].map { order, id, content in
            Story.delivery(
                id,
                [Story.order(order, at: Day.at(10), sale: Story.sale(100))],
                customer: content.contains(email) ? email : nil,
                content: content,
                object: order
            )
        }
    }

    @Test("is found by tombstones in pages of any size", arguments: [1, 2, 3, 1000])
    func pagesOfTombstones(rows: Int64) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        let strangers = (6...9).map { number in
            let fact = Story.order("\(number)", at: Day.at(10), sale: Story.sale(100))
            return Story.delivery("d\(number)", [fact], customer: "other", object: "\(number)")
        }
        _ = try store.commit(strangers.prefix(2) + Self.deliveries() + strangers.suffix(2), at: Day.start)
        let report = try store.reapply(
            [.customer(Self.email, at: Day.at(21))],
            by: "ops",
            at: Day.at(22),
            paging: SQLiteStore.Paging(size: 2, rows: rows)
        )
        #expect(report == ErasureReport(orders: 2, deliveries: 5))
        #expect(try Self.left(path) == [["4", "4"]])
    }

    /// The orders and the deliveries that were not erased.
    private static func left(_ path: String) throws -> [[String]] {
        try SQLiteFixture.query(
            path,
            """
            SELECT (SELECT count(*) FROM growth_order WHERE customer_hash IS NOT NULL),
              (SELECT count(*) FROM growth_inbox WHERE customer_hash IS NOT NULL OR body IS NOT NULL)
            """
        )
    }

    @Test(
        "is found whole again wherever an erasure was broken off",
        arguments: subjects,
        0...7
    )
    func brokenOff(subject: ErasureSubject, after pages: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        _ = try store.commit(Self.deliveries(), at: Day.start)
        var left = pages
        let paging = SQLiteStore.Paging(
            size: 1,
            mayGoOn: {
                left -= 1
                return left >= 0
            }
        )
        let first = try store.erase(subject, by: "ops", at: Day.at(21), paging: paging)
        #expect(first.orders + first.deliveries == min(pages, 7))
        let second = try store.erase(subject, by: "ops", isDry: false, at: Day.at(22))
        #expect(first.orders + second.orders == 2 && first.deliveries + second.deliveries == 5)
        #expect(try Self.left(path) == [["0", "0"]])
        // What was begun is in the trail, though it was broken off.
        let actions = try SQLiteFixture.query(path, "SELECT action, detail FROM growth_audit ORDER BY id")
        #expect(actions.first == ["privacy-erase", #"{"orders":2,"deliveries":5}"#])
        let ends = actions.count { $0[0] == "privacy-erased" }
        #expect(ends == (pages < 7 ? 1 : 2) && actions.count == 2 + ends)
    }

    @Test(
        "leaves no pseudonym in the bytes of the file, not of a request that was answered either",
        arguments: [PrivacyRequest.Kind.erasure, .access]
    )
    func bytes(kind: PrivacyRequest.Kind) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("growth_engine.db")
        let store = try SQLiteStore(SQLiteFixture.configuration(path: path), at: Day.start)
        // Some builds of SQLite delete securely by themselves.
        try store.write { db in try db.execute(sql: "PRAGMA secure_delete = OFF") }
        let request = PrivacyRequest(
            account: Story.account,
            topic: "customers/\(kind)",
            kind: kind,
            customers: [Self.email, Self.phone],
            orders: ["1"]
        )
        // What is held on the subject of an access request stays; here that is nothing.
        let held = kind == .erasure ? Self.deliveries() : []
        for delivery in held + [Story.delivery("r", [.privacyRequest(request)], object: "r")] {
            _ = try store.commit([delivery], at: Day.start)
        }
        func names() throws -> [String] {
            try store.writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            let bytes = try #require(FileManager.default.contents(atPath: path))
            return [Self.email, Self.phone].filter { bytes.range(of: Data($0.utf8)) != nil }
        }
        #expect(try names() == [Self.email, Self.phone])
        let id = try #require(try store.privacyRequests(onlyOpen: true).first?.id)
        _ = try store.fulfil(request: id, by: "ops", at: Day.at(21))
        #expect(try names() == [])
        // The connection deletes again as it did before.
        #expect(try store.write { db in try db.integer("PRAGMA secure_delete") } == 0)
    }
}
