/// A door through which the monolith hands in what it knows of a source that the path names.
public protocol MonolithReceiving: WebhookReceiving {}

extension MonolithReceiving {
    /// `monolith`, whatever the source: the monolith sends for all of them.
    public func secretName(pathSource: SourceID?) -> String { "monolith" }

    /// False: what the monolith says does not show that customers are buying.
    public var countsAsSignal: Bool { false }

    /// Checks `X-Growth-Signature` under the monolith's secrets, hexadecimal or base64.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        MonolithSignature.verify(request, secrets: secrets)
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// The name in the path: the source that the message is about.
    public func account(of request: WebhookRequest) -> String {
        request.pathSource?.name ?? ""
    }
}
