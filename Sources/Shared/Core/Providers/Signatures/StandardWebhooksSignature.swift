import Crypto

/// The Standard Webhooks scheme over `id.timestamp.body`: `v1` HMAC-SHA-256 and `v1a` Ed25519.
///
/// Source: standard-webhooks/standard-webhooks spec/standard-webhooks.md at b2fa7b8. The timestamp is that of
/// the attempt; the tolerance is the reference libraries' five minutes each way.
enum StandardWebhooksSignature {
    /// How many `v1a` signatures are looked at: each check of one hashes the whole message anew.
    static let maximumSignatures = 4

    /// Checks the three headers over the body; one of another time is refused before anything is hashed.
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
            let seconds = SignatureClock.seconds(time), let codes = Codes(header)
        else { return .failed(.malformed) }
        guard SignatureClock.accepts(seconds, at: now) else { return .failed(.stale) }
        var message = SignedMessage(prefix: Array("\(id).\(time).".utf8), body: body)
        return verdict(codes, of: &message, secrets: secrets)
    }

    /// Looks for the first secret under which the message has one of the codes.
    static func verdict(
        _ codes: Codes,
        of message: inout SignedMessage,
        secrets: [Secret]
    ) -> SignatureVerdict {
        // Made once, and only where a public key is configured and a signature under one came.
        var joined: [UInt8]?
        for (index, secret) in secrets.enumerated() {
            for key in Key.candidates(for: secret) {
                switch key {
                case .hmac(let key):
                    guard !codes.hmac.isEmpty else { continue }
                    if message.hasCode(among: codes.hmac, key: KeyedDigest(key: key)) {
                        return .verified(secret: index)
                    }
                case .ed25519(let key):
                    for signature in codes.ed25519 {
                        let bytes = joined ?? message.joined()
                        joined = bytes
                        message.noteChecked()
                        if key.isValidSignature(signature, for: bytes) { return .verified(secret: index) }
                    }
                }
            }
        }
        return .failed(.mismatch)
    }

    /// The entries of known versions in the list of signatures.
    struct Codes {
        private(set) var hmac: [[UInt8]] = []
        private(set) var ed25519: [[UInt8]] = []

        /// Reads the list; nil when nothing in it is well formed.
        init?(_ header: String) {
            guard header.utf8.count <= 4_096 else { return nil }
            for part in header.split(separator: " ").prefix(HMACSignature.maximumCodes) {
                let pair = part.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, let bytes = SignatureText.base64(pair[1]) else { continue }
                switch pair[0] {
                case "v1" where bytes.count == HMACSignature.byteCount: hmac.append(bytes)
                case "v1a" where bytes.count == 64 && ed25519.count < maximumSignatures:
                    ed25519.append(bytes)
                default: continue
                }
            }
            if hmac.isEmpty, ed25519.isEmpty { return nil }
        }
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
    }
}
