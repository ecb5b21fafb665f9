/// Stripe's scheme: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA-256 over `t.body`.
///
/// The key is the whole text of the secret, `whsec_` included (stripe-python 16.1.0). Several `v1` come
/// during a rotation; other versions are ignored.
enum StripeSignature {
    /// Checks the header's text over the body; one of another time is refused before anything is hashed.
    static func verify(
        _ header: String?,
        body: UnsafeRawBufferPointer,
        secrets: [Secret],
        now: Timestamp
    ) -> SignatureVerdict {
        guard let header else { return .failed(.missing) }
        guard let signature = parse(header) else { return .failed(.malformed) }
        guard SignatureClock.accepts(signature.seconds, at: now) else { return .failed(.stale) }
        var message = SignedMessage(prefix: Array("\(signature.time).".utf8), body: body)
        return verdict(signature.codes, of: &message, secrets: secrets)
    }

    /// Looks for the first secret under which the message has one of the codes.
    static func verdict(
        _ codes: [[UInt8]],
        of message: inout SignedMessage,
        secrets: [Secret]
    ) -> SignatureVerdict {
        for (index, secret) in secrets.enumerated() where message.hasCode(among: codes, key: secret.digest) {
            return .verified(secret: index)
        }
        return .failed(.mismatch)
    }

    private struct Parts {
        /// The time's own digits, which are signed.
        let time: Substring
        let seconds: Int64
        let codes: [[UInt8]]
    }

    /// The timestamp and the well-formed `v1` codes; nil when either is absent.
    private static func parse(_ header: String) -> Parts? {
        guard header.utf8.count <= 4_096 else { return nil }
        var time: (text: Substring, seconds: Int64)?
        var codes: [[UInt8]] = []
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return nil }
            let value = pair[1]
            switch pair[0].drop(while: { $0 == " " }) {
            case "t":
                guard time == nil, let seconds = SignatureClock.seconds(value) else { return nil }
                time = (value, seconds)
            case "v1":
                guard let code = HexDigits.decode(value), code.count == HMACSignature.byteCount,
                    codes.count < HMACSignature.maximumCodes
                else { continue }
                codes.append(code)
            default:
                continue
            }
        }
        guard let time, !codes.isEmpty else { return nil }
        return Parts(time: time.text, seconds: time.seconds, codes: codes)
    }
}
