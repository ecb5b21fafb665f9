import Crypto

/// The Standard Webhooks scheme over `id.timestamp.body`: `v1` HMAC-SHA-256 and `v1a` Ed25519.
///
/// Source: standard-webhooks/standard-webhooks spec/standard-webhooks.md at b2fa7b8. The timestamp is that of
/// the attempt; the tolerance is the reference libraries' five minutes each way.
enum StandardWebhooksSignature {
    /// Checks the three headers over the body.
    static func verify(
        headers: any HeaderLookup,
        body: UnsafeRawBufferPointer,
        secrets: [Secret],
        now: Timestamp
    ) -> SignatureVerdict {
        guard let id = headers.first("webhook-id"), let time = headers.first("webhook-timestamp"),
            let header = headers.first("webhook-signature")
        else { return .failed(.missing) }
        // A dot in the id would let one signed text be read as two different messages.
        guard !id.isEmpty, id.utf8.count <= 256, !id.utf8.contains(UInt8(ascii: ".")),
            let seconds = SignatureClock.seconds(time), let codes = parse(header)
        else { return .failed(.malformed) }
        let prefix = Array("\(id).\(time).".utf8)
        for (index, secret) in secrets.enumerated() {
            let keys = Key.candidates(for: secret)
            for code in codes where keys.contains(where: { $0.accepts(code, prefix: prefix, body: body) }) {
                return SignatureClock.accepts(seconds, at: now) ? .verified(secret: index) : .failed(.stale)
            }
        }
        return .failed(.mismatch)
    }

    /// The codes of known versions; nil when there is none that is well formed.
    private static func parse(_ header: String) -> [Code]? {
        guard header.utf8.count <= 4_096 else { return nil }
        var codes: [Code] = []
        for part in header.split(separator: " ").prefix(HMACSignature.maximumCodes) {
            let pair = part.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let bytes = SignatureText.base64(pair[1]) else { continue }
            switch pair[0] {
            case "v1" where bytes.count == HMACSignature.byteCount: codes.append(.hmac(bytes))
            case "v1a" where bytes.count == 64: codes.append(.ed25519(bytes))
            default: continue
            }
        }
        return codes.isEmpty ? nil : codes
    }

    /// One entry of the signature list.
    private enum Code {
        case hmac([UInt8])
        case ed25519([UInt8])
    }

    /// A secret as the scheme reads it.
    private enum Key {
        case hmac([UInt8])
        case ed25519(Curve25519.Signing.PublicKey)

        /// What a configured secret may stand for: `whsec_` and `whpk_` say; without a prefix it may be
        /// base64 or not.
        static func candidates(for secret: Secret) -> [Key] {
            let text = String(decoding: secret.bytes, as: UTF8.self)
            if text.hasPrefix("whpk_") {
                guard let bytes = SignatureText.base64(text.dropFirst(5)),
                    let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
                else { return [] }
                return [.ed25519(key)]
            }
            if text.hasPrefix("whsec_") {
                guard let bytes = SignatureText.base64(text.dropFirst(6)), !bytes.isEmpty else { return [] }
                return [.hmac(bytes)]
            }
            let decoded = SignatureText.base64(text).flatMap { (24...64).contains($0.count) ? $0 : nil }
            return [secret.bytes, decoded].compactMap { $0 }.filter { !$0.isEmpty }.map { .hmac($0) }
        }

        /// Whether the code was made with this key over `prefix` followed by `body`.
        func accepts(_ code: Code, prefix: [UInt8], body: UnsafeRawBufferPointer) -> Bool {
            switch (self, code) {
            case (.hmac(let key), .hmac(let bytes)):
                HMACSignature.isValid(bytes, prefix: prefix, body: body, key: KeyedDigest(key: key))
            case (.ed25519(let key), .ed25519(let bytes)):
                key.isValidSignature(bytes, for: prefix + Array(body))
            default: false
            }
        }
    }
}
