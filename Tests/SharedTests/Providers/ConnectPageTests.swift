import Foundation
import Testing

@testable import Shared

/// Holds the topics of docs/connect.md against what the adapters take.
@Suite("The page about connecting sources")
struct ConnectPageTests {
    /// The name is not looked at.
    private static let source = SourceID(literal: "any")
    private let page: String

    init() throws {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        page = try String(contentsOf: root.appending(path: "docs/connect.md"), encoding: .utf8)
    }

    /// The topics in the first column of a section's table.
    private func topics(of section: String) throws -> [String] {
        let sections = page.components(separatedBy: "\n## ")
        let part = try #require(sections.first { $0.hasPrefix("\(section)\n") })
        return part.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
            row.dropFirst(2).prefix { $0 != "|" }.matches(of: #/`([a-z_.\/A-Z]+)`/#)
                .map { String($0.output.1) }
        }
    }

    @Test("every Shopify topic is of use where the body does not tell")
    func shopify() throws {
        let topics = try topics(of: "Shopify")
        #expect(topics.count >= 15)
        for topic in topics {
            let shape = ShopifyShape(of: Field(try JSONDocument(Array("{}".utf8)).root), topic: topic)
            let hasUse: Bool =
                switch shape {
                case .unused, .deletion, .orderEdit, .tenderTransaction: false
                default: true
                }
            #expect(hasUse, "\(topic)")
        }
    }

    @Test("every Shopier event is read: what an empty one lacks is a field, not a meaning")
    func shopier() throws {
        let topics = try topics(of: "Shopier")
        #expect(topics.count == 7)
        for topic in topics {
            let error = #expect(throws: Rejection.self) {
                try DeliveredFixture(text: "{}")
                    .normalized(by: ShopierAdapter(), source: Self.source, account: "", topic: topic)
            }
            #expect(error?.reason.code == "missing-field", "\(topic)")
        }
    }

    @Test("every Stripe event is about an object that is read")
    func stripe() throws {
        let topics = try topics(of: "Stripe")
        #expect(topics.count >= 15)
        for topic in topics {
            let text = #"{"type":"\#(topic)","livemode":true,"data":{"object":{"id":"x_1"}}}"#
            let result = try? DeliveredFixture(text: text)
                .normalized(by: StripeAdapter(), source: Self.source, account: "", topic: topic)
            #expect(result?.note?.contains("is not used") != true, "\(topic)")
        }
    }
}
