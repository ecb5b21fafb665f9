/// Stripe's scheme: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA-256 over `t.body`.
///
/// The key is the whole text of the secret, `whsec_` included (stripe-python 16.1.0). Several `v1` come
/// during a rotation; other versions are ignored.
enum StripeSignature {
    /// Checks the header's text over the body.
    static func verify(
        _ header: String?,
        body: UnsafeRawBufferPointer,
        secrets: [Secret],
        now: Timestamp
    ) -> SignatureVerdict {
        guard let header else { return .failed(.missing) }
        guard let signature = parse(header) else { return .failed(.malformed) }
        let prefix = Array("\(signature.time).".utf8)
        for code in signature.codes {
            let verdict = HMACSignature.verdict(code: code, prefix: prefix, body: body, secrets: secrets)
            guard case .verified = verdict else { continue }
            guard let seconds = SignatureClock.seconds(signature.time),
                SignatureClock.accepts(seconds, at: now)
            else { return .failed(.stale) }
            return verdict
        }
        return .failed(.mismatch)
    }

    /// The timestamp's own digits and the well-formed `v1` codes; nil when either is absent.
    private static func parse(_ header: String) -> (time: Substring, codes: [[UInt8]])? {
        guard header.utf8.count <= 4_096 else { return nil }
        var time: Substring?
        var codes: [[UInt8]] = []
        for part in header.split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return nil }
            let value = pair[1]
            switch pair[0].drop(while: { $0 == " " }) {
            case "t":
                guard time == nil, SignatureClock.seconds(value) != nil else { return nil }
                time = value
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
        return (time, codes)
    }
}
