/// Checks HMAC-SHA-256 codes in constant time.
enum HMACSignature {
    /// Bytes of a code.
    static let byteCount = 32
    /// How many codes of one request are looked at; the rest cannot be honest.
    static let maximumCodes = 16

    /// Returns whether the code is the HMAC-SHA-256 of `prefix` followed by `body` under the key.
    static func isValid(
        _ code: [UInt8],
        prefix: [UInt8] = [],
        body: UnsafeRawBufferPointer,
        key: KeyedDigest
    ) -> Bool {
        var message = key
        if !prefix.isEmpty { message.update(prefix) }
        message.update(body)
        return message.accepts(code)
    }

    /// Tries every secret on one code of a request's body.
    static func verdict(code: [UInt8]?, of request: WebhookRequest, secrets: [Secret]) -> SignatureVerdict {
        guard let code, code.count == byteCount else { return .failed(.malformed) }
        for (index, secret) in secrets.enumerated() where request.hashes.accepts(code, secret: secret) {
            return .verified(secret: index)
        }
        return .failed(.mismatch)
    }

    /// Tries every secret on one code.
    static func verdict(
        code: [UInt8]?,
        prefix: [UInt8] = [],
        body: UnsafeRawBufferPointer,
        secrets: [Secret]
    ) -> SignatureVerdict {
        guard let code, code.count == byteCount else { return .failed(.malformed) }
        for (index, secret) in secrets.enumerated()
        where isValid(code, prefix: prefix, body: body, key: secret.digest) {
            return .verified(secret: index)
        }
        return .failed(.mismatch)
    }

    /// Checks hexadecimal text, with or without `sha256=` before it, over the body.
    static func hex(_ text: String?, of request: WebhookRequest, secrets: [Secret]) -> SignatureVerdict {
        guard let text else { return .failed(.missing) }
        return verdict(code: HexDigits.decode(withoutScheme(text)), of: request, secrets: secrets)
    }

    /// Checks base64 text over the body.
    static func base64(_ text: String?, of request: WebhookRequest, secrets: [Secret]) -> SignatureVerdict {
        guard let text else { return .failed(.missing) }
        guard text.utf8.count <= 64 else { return .failed(.malformed) }
        return verdict(code: SignatureText.base64(text), of: request, secrets: secrets)
    }

    /// Checks text that is hexadecimal or base64, with or without `sha256=` before it, over the body.
    ///
    /// The forms cannot be confused: 64 hexadecimal digits read as base64 would be 48 bytes.
    static func hexOrBase64(
        _ text: String?,
        of request: WebhookRequest,
        secrets: [Secret]
    ) -> SignatureVerdict {
        guard let text else { return .failed(.missing) }
        let digits = withoutScheme(text)
        guard digits.utf8.count == 2 * byteCount else {
            return base64(String(digits), of: request, secrets: secrets)
        }
        return verdict(code: HexDigits.decode(digits), of: request, secrets: secrets)
    }

    private static func withoutScheme(_ text: String) -> Substring {
        text.hasPrefix("sha256=") ? text.dropFirst("sha256=".count) : text[...]
    }
}

/// How old, or how far ahead, a signed timestamp may be.
enum SignatureClock {
    /// 300 s each way: the default of Stripe's and Standard Webhooks' libraries.
    static let toleranceMilliseconds: Int64 = 300_000

    /// The whole Unix seconds of 1 to 12 digits, or nil: signs, decimals and spaces are refused.
    static func seconds(_ text: some StringProtocol) -> Int64? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }

    /// Whether the second lies within the tolerance of the instant.
    static func accepts(_ seconds: Int64, at now: Timestamp) -> Bool {
        guard let signed = Timestamp(seconds: seconds) else { return false }
        let earliest = now.advanced(byMilliseconds: -toleranceMilliseconds)
        let latest = now.advanced(byMilliseconds: toleranceMilliseconds)
        return earliest <= signed && signed <= latest
    }
}
