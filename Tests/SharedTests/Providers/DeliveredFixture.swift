import Foundation
import Testing

@testable import Shared

/// A redacted message as it lies on the queue, from a file in Fixtures or from text.
struct DeliveredFixture {
    /// When every fixture was received.
    static let receivedAt = instant("2026-11-25T12:00:00Z")

    let bytes: [UInt8]

    /// Reads `Fixtures/<path>.json`.
    init(_ path: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        bytes = Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(path).json")))
    }

    init(text: String) {
        bytes = Array(text.utf8)
    }

    /// Normalises the message.
    func normalized(
        by adapter: some WebhookNormalizing,
        source: SourceID,
        account: String,
        topic: String = "",
        occurredAt: Timestamp? = nil,
        isTest: Bool = false
    ) throws -> Normalized {
        let provenance = Provenance(
            account: account,
            topic: topic,
            deliveryID: "d-1",
            occurredAt: occurredAt,
            isTest: isTest
        )
        let envelope = Envelope(
            id: "01JD0000000000000000000000",
            source: source,
            provenance: provenance,
            receivedAt: Self.receivedAt,
            signature: .verified,
            secretIndex: 0,
            bodySHA256: String(repeating: "0", count: 64),
            byteCount: bytes.count,
            intake: "test",
            keyID: "k1",
            pseudonymisedCount: 0,
            droppedCount: 0,
            customer: nil,
            unreadable: nil,
            body: bytes
        )
        return try adapter.normalize(envelope, body: try JSONDocument(bytes).root)
    }
}

extension Normalized {
    /// The facts about orders.
    var orders: [OrderFact] {
        facts.compactMap { if case .order(let fact) = $0 { fact } else { nil } }
    }

    /// The facts about product variants.
    var skus: [SkuFact] {
        facts.compactMap { if case .sku(let fact) = $0 { fact } else { nil } }
    }

    /// The facts about payouts.
    var payouts: [PayoutFact] {
        facts.compactMap { if case .payout(let fact) = $0 { fact } else { nil } }
    }

    /// The facts about fulfilments.
    var fulfilments: [FulfilmentFact] {
        facts.compactMap { if case .fulfilment(let fact) = $0 { fact } else { nil } }
    }
}

/// An instant that the test writes as text.
func instant(_ text: String) -> Timestamp {
    guard let instant = Timestamp(rfc3339: text) else { fatalError("\(text) is no RFC 3339 time.") }
    return instant
}

/// The real payloads that may lie next to the repository; they are not part of it.
enum SharedPayloads {
    /// The JSON files of a folder, by name; none where the payloads are not there.
    static func files(in folder: String) -> [(name: String, bytes: [UInt8])] {
        let environment = ProcessInfo.processInfo.environment["GROWTH_SHARED_PAYLOADS"]
        let package = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let root =
            environment.map { URL(filePath: $0) }
            ?? package.appending(path: "../shared/payloads").standardizedFileURL
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path())) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            (try? Data(contentsOf: root.appending(path: folder).appending(path: name))).map {
                (name, Array($0))
            }
        }
    }

    /// The body of a capture, which some sample collections wrap together with its headers.
    static func body(of bytes: [UInt8]) throws -> [UInt8] {
        let root = try JSONDocument(bytes).root
        return root["headers"].exists && root["body"].exists ? root["body"].rawBytes : bytes
    }
}
