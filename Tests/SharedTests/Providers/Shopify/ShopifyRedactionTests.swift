import Foundation
import Shared
import TestSupport
import Testing

@Suite("Shopify's allow-list and its adapter")
struct ShopifyRedactionTests {
    static let topics = [
        "order": "orders/updated", "refund": "refunds/create", "transaction": "order_transactions/create",
        "tender": "tender_transactions/create", "dispute": "disputes/create", "product": "products/update",
        "fulfillment": "fulfillments/update", "customers": "customers/redact", "checkout": "checkouts/create",
    ]

    @Test("What the intake takes out, the adapter does not miss")
    func redactionKeepsMoney() throws {
        let folder = ProviderFixture.folder.appending(path: "shopify")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".json") }
        #expect(files.count >= 20)
        for file in files {
            let name = String(file.dropLast(5))
            let topic = try #require(Self.topics[String(name.prefix { $0 != "-" })])
            let delivery = try ShopifyDelivery(name, topic: topic)
            // A privacy request names its customer by pseudonyms: see ShopifyOtherTopicTests.
            if topic.hasPrefix("customers/") { continue }
            #expect(try delivery.normalized().facts == delivery.normalizedWithoutRedaction().facts, "\(name)")
        }
    }

    @Test("Every published payload gives facts, a note, or a rejection with a name, under every topic")
    func publishedPayloads() throws {
        var outcomes: [String: Int] = [:]
        for file in try ProviderFixture.sharedFiles("shopify") {
            let own = file.deletingPathExtension().lastPathComponent.replacing(".", with: "/")
            for body in try ProviderFixture.bodies(in: file) {
                let json = String(decoding: body.rawBytes, as: UTF8.self)
                for topic in [own, "orders/updated", "refunds/create", "brand_new/topic"] {
                    let delivery = ShopifyDelivery(json: json, topic: topic)
                    for attempt in [delivery.normalized, delivery.normalizedWithoutRedaction] {
                        do {
                            let result = try attempt()
                            #expect(!result.facts.isEmpty || result.note != nil, "\(file.path) as \(topic)")
                            outcomes[result.facts.isEmpty ? "note" : "facts", default: 0] += 1
                        } catch let rejection as Rejection {
                            #expect(!rejection.reason.code.isEmpty && !rejection.reason.detail.isEmpty)
                            outcomes["rejection", default: 0] += 1
                        }
                    }
                }
            }
        }
        if ProviderFixture.sharedPayloads != nil { #expect(outcomes["facts", default: 0] > 50) }
    }

    @Test("Published orders, refunds and disputes give facts under their own topic")
    func publishedMoney() throws {
        for file in try ProviderFixture.sharedFiles("shopify") where file.path.contains("hookdeck") {
            let topic = file.deletingPathExtension().lastPathComponent.replacing(".", with: "/")
            let isMoney = ["orders/", "refunds/", "disputes/", "products/", "fulfillment"].contains {
                topic.hasPrefix($0)
            }
            let isThin = topic.hasSuffix("/edited") || topic.hasSuffix("/delete")
            guard isMoney, !isThin, let body = try ProviderFixture.bodies(in: file).first else { continue }
            let json = String(decoding: body.rawBytes, as: UTF8.self)
            let delivery = ShopifyDelivery(json: json, topic: topic)
            let result = try delivery.normalized()
            #expect(!result.facts.isEmpty, "\(file.path)")
            #expect(try result.facts == delivery.normalizedWithoutRedaction().facts, "\(file.path)")
        }
    }
}
