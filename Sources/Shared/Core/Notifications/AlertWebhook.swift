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

    /// The URL; it may hold a token, hence a secret.
    public let url: Secret
    private let key: Secret

    /// Creates a webhook from `https://…`, or `http://` on this machine, and `whsec_` with the base64 of 24 to
    /// 64 bytes.
    public init(url: String, secret: String) throws(Problem) {
        guard Self.isAllowed(url) else {
            throw Problem(isOfSecret: false, what: "must be https://host/…, or http:// on this machine.")
        }
        guard secret.hasPrefix("whsec_"), let bytes = SignatureText.base64(secret.dropFirst(6)),
            (24...64).contains(bytes.count)
        else {
            throw Problem(isOfSecret: true, what: "must be whsec_ and the base64 of 24 to 64 random bytes.")
        }
        self.url = Secret(url)
        key = Secret(bytes: bytes)
    }

    /// Only the way of an operator's own machine may be without TLS; no user, no space, nothing odd.
    private static func isAllowed(_ url: String) -> Bool {
        guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return false
        }
        func host(after scheme: String) -> Substring? {
            guard url.lowercased().hasPrefix(scheme) else { return nil }
            let host = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            return host.isEmpty || host.contains("@") ? nil : host
        }
        if host(after: "https://") != nil { return true }
        guard let host = host(after: "http://") else { return false }
        let isIPv6 = host.hasPrefix("[")
        let name = isIPv6 ? host.dropFirst().prefix { $0 != "]" } : host.prefix { $0 != ":" }
        return ListenAddress.tcp(host: String(name), port: 80).isLocal
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
