import Foundation
import TestSupport
import Testing

@testable import Shared

/// Runs the examples of docs/mapping.md.
@Suite("Generic: the page about mapping files")
struct MappingPageTests {
    private let page: String
    private let blocks: [String]

    init() throws {
        let root = (0..<5).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        page = try String(contentsOf: root.appending(path: "docs/mapping.md"), encoding: .utf8)
        blocks = page.components(separatedBy: "```json\n").dropFirst().compactMap { part in
            part.components(separatedBy: "```").first
        }
    }

    /// What the worker reads of the page's order, after the intake has kept what the mapping points to.
    private func order(_ mapping: String, topic: String, status: String = "processing") throws -> Normalized {
        let message = try #require(blocks.last)
            .replacing("\"status\":\"processing\"", with: "\"status\":\"\(status)\"")
        return try read(message, mapping, topic: topic)
    }

    private func read(_ message: String, _ mapping: String, topic: String = "") throws -> Normalized {
        let adapter = GenericAdapter(mappings: ["shop": try GenericMapping(Array(mapping.utf8))])
        let policy = GenericPolicy.policy(with: try GenericMapping(Array(mapping.utf8)))
        let kept = try PrivacyFixture.redact(Array(message.utf8), policy).bytes
        return try DeliveredFixture(text: String(decoding: kept, as: UTF8.self))
            .normalized(by: adapter, source: SourceID(literal: "generic"), account: "shop", topic: topic)
    }

    @Test("every mapping file on it can be used")
    func usable() throws {
        #expect(blocks.count == 4)
        for block in blocks.dropLast() {
            #expect(throws: Never.self) { try GenericMapping(Array(block.utf8)) }
        }
    }

    @Test("WooCommerce's order counts at its total, on its day, and a refund in full takes it back")
    func wooCommerce() throws {
        let mapping = try #require(blocks.dropLast().dropFirst().first)
        for topic in ["order.created", "order.updated"] {
            let order = try #require(try order(mapping, topic: topic).orders.first)
            let sale = try #require(order.financials?.sale)
            #expect(order.key.externalID == "727" && order.financials?.currency == .lira)
            #expect(sale.standing == .counting)
            #expect(sale.placedAt == instant("2026-11-23T09:59:00Z"))
            #expect(order.observedAt == instant("2026-11-23T10:00:00Z"))
            #expect(sale.goods == 12_000 && sale.shipping == 2_990 && sale.tax == 2_287)
        }
        let refunded = try #require(
            try order(mapping, topic: "order.updated", status: "refunded").orders.first
        )
        #expect(refunded.financials?.sale?.standing == .cancelled(instant("2026-11-23T10:00:00Z")))
        let open = try order(mapping, topic: "order.created", status: "on-hold")
        #expect(open.orders.first?.financials?.sale?.standing == .unpaid)
    }

    @Test("a refund of a part comes through the same door")
    func refund() throws {
        let mapping = try #require(blocks.dropLast().dropFirst().first)
        let message = try #require(page.firstMatch(of: #/`(\{"type":"refund.created".+\})`/#)?.output.1)
        let order = try #require(try read(String(message), mapping).orders.first)
        #expect(order.key.externalID == "727" && order.financials?.sale == nil)
        #expect(order.financials?.refunds.map(\.amount) == [3_000])
    }

    @Test("with its lines the same order names its products")
    func products() throws {
        let items = try #require(blocks.dropLast().last)
        let mapping = try #require(blocks.dropLast().dropFirst().first)
        let joined =
            mapping.trimmingCharacters(in: .whitespacesAndNewlines).dropLast()
            + "," + items.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst()
        let result = try order(String(joined), topic: "order.created")
        let sale = try #require(result.orders.first?.financials?.sale)
        #expect(sale.goods == 12_000)
        #expect(sale.lines.map(\.productID) == ["93"] && sale.lines.map(\.units) == [2])
        #expect(result.skus.map(\.title) == ["Mug"] && result.skus.map(\.sku) == ["MUG-1"])
    }
}
