/// The monolith's scheme: `X-Growth-Signature`, HMAC-SHA-256 of the raw body in hexadecimal or base64.
enum MonolithSignature {
    /// Checks the header over the body.
    static func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        guard !secrets.secrets.isEmpty else { return .unsigned }
        return HMACSignature.hexOrBase64(
            request.headers.first("x-growth-signature"),
            of: request,
            secrets: secrets.secrets
        )
    }
}
