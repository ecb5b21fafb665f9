import Foundation
import Shared
import TestSupport
import Testing

/// Runs published sample payloads through the intake where a developer has them.
///
/// They are no part of this package.
@Suite("Published payloads")
struct PayloadCorpusTests {
    /// `GROWTH_SHARED_PAYLOADS`, else `../shared/payloads` beside the package; nil when there is none.
    static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["GROWTH_SHARED_PAYLOADS"].map {
            URL(fileURLWithPath: $0)
        }
        let beside = Fixture.packageRoot.deletingLastPathComponent().appendingPathComponent("shared/payloads")
        let folder = named ?? beside
        guard FileManager.default.fileExists(atPath: folder.path) else {
            print(
                "skipped: Published payloads (no folder; own fixtures cover the shapes)"
            )
            return nil
        }
        return folder
    }()

    /// A capture's text: `{"headers":{…},"body":{…}}`, `{"response":{…}}`, or the body itself.
    private func parts(_ bytes: [UInt8]) throws -> (headers: [String: String], body: [UInt8]) {
        let root = try JSONDocument(bytes, limits: JSONLimits(depth: 200)).root
        if root["headers"].kind == .object, root["body"].exists {
            let headers = root["headers"].members.compactMap { key, value in value.text.map { (key, $0) } }
            return (Dictionary(headers) { first, _ in first }, root["body"].rawBytes)
        }
        return ([:], root["response"].kind == .object ? root["response"].rawBytes : bytes)
    }

    private func doors(of folder: String, file: String) -> [String] {
        switch folder {
        case "shopify": file.contains("payout") ? ["/payouts/shopify"] : ["/webhooks/shopify"]
        case "stripe":
            file.contains("payout") ? ["/webhooks/stripe", "/payouts/stripe"] : ["/webhooks/stripe"]
        case "shopier": ["/webhooks/shopier", "/payouts/shopier"]
        default: ["/webhooks/generic/\(folder)"]
        }
    }

    /// Values that some sample holds and no envelope may.
    private let canaries = [
        "jon@example.com", "john@example.com", "bob.norman", "Shipping Street", "K2H7A8", "Steve Shipper",
        "4 Elm",
        "buyer@example.com", "mark@mail.com", "hook@me.com", "ali@kaya.com", "deniz@example.com", "Kadikoy",
        "Bagdat Cad", "+905550001122", "jenny.rosen", "Jenny Rosen", "Things were damaged", "123-123-1234",
        "QYR5Z8XDVJNXQ", "cus_NSPHp4fOlXGw8P", "ZoVSX2dK5igWt2SB", "2211 N First Street",
    ]

    @Test(
        "every file becomes an envelope with a body and without anybody's data",
        .enabled(if: folder != nil)
    )
    func corpus() throws {
        let folder = try #require(Self.folder)
        let walk = try #require(FileManager.default.enumerator(atPath: folder.path))
        var count = 0
        while let path = walk.nextObject() as? String {
            guard path.hasSuffix(".json"), !path.hasPrefix("vectors") else { continue }
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(path)))
            var (headers, body) = try parts(bytes)
            let provider = path.split(separator: "/").first.map(String.init) ?? ""
            let file = path.split(separator: "/").last.map(String.init) ?? ""
            if provider == "shopify", headers["x-shopify-topic"] == nil {
                let words = file.split(separator: ".")
                headers["x-shopify-topic"] = words.count == 3 ? "\(words[0])/\(words[1])" : "orders/updated"
            }
            for door in doors(of: provider, file: file) {
                let fixture = try EnvelopeFixture(path: door, headers: headers, body: body)
                #expect(fixture.envelope.unreadable == nil, "\(path)")
                #expect(!fixture.envelope.provenance.deliveryID.isEmpty, "\(path)")
                #expect(
                    fixture.envelope.provenance.topic != "unknown" || provider != "stripe"
                        || file == "fixtures3.json",
                    "\(path)"
                )
                for canary in canaries {
                    #expect(!fixture.text.contains(canary), "\(path) at \(door): \(canary)")
                }
                count += 1
            }
        }
        #expect(count > 60)
    }
}
