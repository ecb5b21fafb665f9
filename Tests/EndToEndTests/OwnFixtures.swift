import Foundation
import Shared

/// The project's own fixtures as deliveries to the front door.
enum OwnFixtures {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("SharedTests/Fixtures")

    private static let shopifyTopics = [
        "order": "orders/updated", "refund": "refunds/create", "transaction": "order_transactions/create",
        "tender": "tender_transactions/create", "dispute": "disputes/update", "product": "products/update",
        "fulfillment": "fulfillments/create", "checkout": "checkouts/update", "customers": "customers/redact",
    ]

    /// Every fixture with the route and headers of its provider; each is a delivery of its own.
    ///
    /// `change` may make another document of each fixture before it is put into the form of its door; it is
    /// told the door's path and headers.
    static func deliveries(
        change: (_ path: String, _ headers: [String: String], _ document: [UInt8]) -> [UInt8] = { $2 }
    ) throws -> [(name: String, path: String, headers: [String: String], body: [UInt8])] {
        try ["shopify", "shopier", "stripe", "generic", "payouts", "fulfilment"].flatMap { source in
            try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(source).path)
                .sorted()
                .filter { $0.hasSuffix(".json") && !$0.contains(".mapping.") && !$0.contains(".expected.") }
                .map { file in
                    let bytes = Array(
                        try Data(contentsOf: folder.appendingPathComponent("\(source)/\(file)"))
                    )
                    let plain = delivery(source: source, file: file, bytes: bytes)
                    return delivery(
                        source: source,
                        file: file,
                        bytes: change(plain.path, plain.headers, bytes)
                    )
                }
        }
    }

    private static func delivery(
        source: String,
        file: String,
        bytes: [UInt8]
    ) -> (name: String, path: String, headers: [String: String], body: [UInt8]) {
        let name = "\(source)/\(file)"
        var headers = ["content-type": "application/json"]
        let kind = String(file.prefix { $0 != "-" && $0 != "." })
        switch source {
        case "shopify":
            headers["x-shopify-topic"] = shopifyTopics[kind] ?? "other/topic"
            headers["x-shopify-shop-domain"] = "own.myshopify.com"
            headers["x-shopify-webhook-id"] = name
            return (name, "/webhooks/shopify", headers, bytes)
        case "shopier" where kind == "osb":
            headers["content-type"] = "application/x-www-form-urlencoded"
            let text = Data(bytes).base64EncodedString().addingPercentEncoding(
                withAllowedCharacters: .alphanumerics
            )
            return (name, "/webhooks/shopier/osb", headers, Array("res=\(text ?? "")&hash=0".utf8))
        case "shopier" where kind == "callback":
            headers["content-type"] = "application/x-www-form-urlencoded"
            return (name, "/webhooks/shopier/callback", headers, form(bytes))
        case "shopier":
            headers["shopier-event"] =
                ["refund": "refund.updated", "product": "product.updated"][kind] ?? "order.created"
            headers["shopier-account-id"] = "own"
            headers["shopier-timestamp"] = "1795428000"
            return (name, "/webhooks/shopier", headers, bytes)
        case "stripe": return (name, "/webhooks/stripe", headers, bytes)
        case "payouts":
            let account = kind == "unknown" || kind == "v21" ? "shopify" : kind
            return (name, "/payouts/\(account)", headers, bytes)
        case "fulfilment": return (name, "/fulfilment/monolith", headers, bytes)
        default:
            headers["idempotency-key"] = name
            return (name, "/webhooks/generic/own", headers, bytes)
        }
    }

    private static func form(_ bytes: [UInt8]) -> [UInt8] {
        guard let root = try? JSONDocument(bytes).root else { return bytes }
        let fields = root.members.map { member in
            let value =
                (member.value.text ?? "").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "\(member.key)=\(value)"
        }
        return Array(fields.joined(separator: "&").utf8)
    }
}
