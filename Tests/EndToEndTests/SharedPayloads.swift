import Foundation
import Shared

/// Real payloads that may lie next to the repository; they are run against, never part of it.
enum SharedPayloads {
    /// One request to send.
    struct Delivery {
        let name: String
        let path: String
        let headers: [String: String]
        let body: [UInt8]
    }

    /// The folder: `GROWTH_SHARED_PAYLOADS`, else `../shared/payloads` beside the package; nil without one.
    static let folder: URL? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["GROWTH_SHARED_PAYLOADS"].map {
            URL(fileURLWithPath: $0)
        }
        let folder = named ?? root.deletingLastPathComponent().appendingPathComponent("shared/payloads")
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
            && isFolder.boolValue
            ? folder : nil
    }()

    /// Every payload with the route and the headers that its provider would use.
    static func deliveries() throws -> [Delivery] {
        guard let folder else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().compactMap { name in
            guard name.hasSuffix(".json"), !name.hasPrefix("vectors/") else { return nil }
            let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            return delivery(name: name, bytes: bytes, root: try JSONDocument(bytes).root)
        }
    }

    private static func delivery(name: String, bytes: [UInt8], root: JSONValue) -> Delivery {
        var headers = ["content-type": "application/json"]
        var body = bytes
        if root["headers"].kind == .object, root["body"].exists {
            // A capture: {"headers": …, "body": …}.
            for member in root["headers"].members {
                guard let value = member.value.text, !hopByHop.contains(member.key) else { continue }
                headers[member.key] = value
            }
            body = root["body"].rawBytes
        } else if root["response"].exists {
            body = root["response"].rawBytes
        }
        let file = name.split(separator: "/").last.map(String.init) ?? name
        let topic = file.dropLast(5).split(separator: ".")
        switch name.split(separator: "/").first {
        case "shopify":
            headers["x-shopify-topic"] = headers["x-shopify-topic"] ?? shopifyTopic(topic)
            headers["x-shopify-shop-domain"] = headers["x-shopify-shop-domain"] ?? "shop.myshopify.com"
            // Captures of several topics share one id; each file is a delivery of its own here.
            headers["x-shopify-webhook-id"] = name
            let isPayout = file.hasPrefix("payout")
            return Delivery(
                name: name,
                path: isPayout ? "/payouts/shopify" : "/webhooks/shopify",
                headers: headers,
                body: body
            )
        case "stripe": return Delivery(name: name, path: "/webhooks/stripe", headers: headers, body: body)
        case "shopier" where file.hasPrefix("callback"):
            headers["content-type"] = "application/x-www-form-urlencoded"
            return Delivery(
                name: name,
                path: "/webhooks/shopier/callback",
                headers: headers,
                body: form(root)
            )
        case "shopier":
            headers["shopier-event"] = "order.created"
            headers["shopier-webhook-id"] = "wh_evt_999"
            headers["shopier-timestamp"] = "1658402691"
            return Delivery(name: name, path: "/webhooks/shopier", headers: headers, body: body)
        default:
            let source = topic.first.map(String.init) ?? "other"
            return Delivery(name: name, path: "/webhooks/generic/\(source)", headers: headers, body: body)
        }
    }

    private static let hopByHop: Set<String> = [
        "host", "content-length", "connection", "transfer-encoding", "accept-encoding", "content-encoding",
        "expect",
    ]

    private static func shopifyTopic(_ parts: [Substring]) -> String {
        guard parts.count == 2 else {
            return ["order": "orders/updated", "orders": "orders/updated", "refund": "refunds/create"][
                parts.first.map(String.init) ?? ""
            ] ?? "other/\(parts.first ?? "")"
        }
        return "\(parts[0])/\(parts[1])"
    }

    private static func form(_ root: JSONValue) -> [UInt8] {
        let allowed = CharacterSet.alphanumerics
        let fields = root.members.map { member in
            let value = (member.value.text ?? "").addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
            return "\(member.key)=\(value)"
        }
        return Array(fields.joined(separator: "&").utf8)
    }
}
