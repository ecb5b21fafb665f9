import Crypto

/// Where alerts are sent, signed as Standard Webhooks.
///
/// Source: standard-webhooks/standard-webhooks spec/standard-webhooks.md at b2fa7b8.
public struct AlertWebhook: Sendable {
    /// What is wrong with a URL or a secret; holds neither.
    public struct Problem: Error, Hashable, Sendable {
        /// Whether the secret is wrong; otherwise the URL.
        public let isOfSecret: Bool
        /// What is wrong with it.
        public let what: String
    }

    /// The name of the channel in the outbox.
    public static let channel = "webhook"

    /// Where the URL leads.
    public let target: WebhookTarget
    private let key: Secret

    /// Creates a webhook from `https://…`, or `http://` on this machine, and `whsec_` with the base64 of 24 to
    /// 64 bytes.
    public init(url: String, secret: String) throws(Problem) {
        target = try WebhookTarget(url)
        guard secret.hasPrefix("whsec_"), let bytes = SignatureText.base64(secret.dropFirst(6)),
            (24...64).contains(bytes.count)
        else {
            throw Problem(isOfSecret: true, what: "must be whsec_ and the base64 of 24 to 64 random bytes.")
        }
        key = Secret(bytes: bytes)
    }

    /// Returns the headers under which a body is sent: id, time of the attempt, and the code over both and
    /// the body.
    public func headers(id: String, body: [UInt8], at now: Timestamp) -> [(name: String, value: String)] {
        let seconds = String(now.milliseconds.flooredDivision(by: 1000).0)
        var message = key.digest
        message.update(Array("\(id).\(seconds).".utf8))
        message.update(body)
        let code = Base64Text.encode(Array(message.finalize()))
        return [
            ("content-type", "application/json"), ("webhook-id", id), ("webhook-timestamp", seconds),
            ("webhook-signature", "v1,\(code)"),
        ]
    }
}

/// RFC 4648 base64 with padding.
enum Base64Text {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let index = Int(bits >> UInt32(18 - 6 * place) & 63)
                text.append(place <= group.count ? digits[index] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
