import Foundation
import Shared
import TestSupport
import Testing

/// The fixtures of the providers, and how they reach an adapter: through the intake's own pipeline.
enum ProviderFixture {
    /// `Tests/SharedTests/Fixtures`.
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures")
    }

    /// The text of a fixture such as `shopify/order-paid`.
    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name + ".json"), encoding: .utf8)
    }

    /// Published sample payloads, where a developer keeps them beside the package; they are not part of it.
    static var sharedPayloads: URL? {
        let environment = ProcessInfo.processInfo.environment["GROWTH_SHARED_PAYLOADS"]
        let package = folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appending(path: "shared/payloads")
        let folder = environment.map { URL(filePath: $0) } ?? beside
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

    /// The JSON files in and below a folder of the shared payloads.
    static func sharedFiles(_ provider: String) throws -> [URL] {
        guard let root = sharedPayloads?.appending(path: provider) else { return [] }
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return names.filter { $0.hasSuffix(".json") }.sorted().map { root.appending(path: $0) }
    }

    /// The bodies in a published file: it may hold headers and body, Shopify's topic metadata, or the body.
    static func bodies(in file: URL) throws -> [JSONValue] {
        let root = try JSONDocument(Array(Data(contentsOf: file))).root
        if root["body"].kind == .object { return [root["body"]] }
        if root["response"].kind == .object { return [root["response"]] }
        if root["resources"].kind == .object { return root["resources"].members.map(\.value) }
        return [root] + root.members.flatMap { [$0.value] + $0.value.elements }.filter { $0.kind == .object }
    }

    static func time(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }
}

extension Normalized {
    /// The first fact about an order.
    var order: OrderFact? {
        for case .order(let fact) in facts { return fact }
        return nil
    }
}

extension SaleState {
    /// All parts together, as the customer owes them.
    var sum: Int64 { goods + discount + shipping + tax + duty + tip + giftCards }
}
