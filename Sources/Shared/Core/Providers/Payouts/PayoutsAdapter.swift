/// Payouts that the monolith, an import or a poller hands in, in its own or in a provider's shape.
public struct PayoutsAdapter: WebhookReceiving, Sendable {
    /// `payouts`.
    public let source = SourceID(literal: "payouts")
    /// `/payouts/{source}`.
    public let routes = [WebhookRoute(path: "/payouts/", takesSource: true)]

    /// Creates the adapter.
    public init() {}

    /// `monolith`, whatever the source: the monolith sends for all of them.
    public func secretName(pathSource: SourceID?) -> String { "monolith" }

    /// False: a payout does not show that customers are buying.
    public var countsAsSignal: Bool { false }

    /// Checks `X-Growth-Signature` under the monolith's secrets, hexadecimal or base64.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        MonolithSignature.verify(request, secrets: secrets)
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// One allow-list for all shapes.
    public func policy(for request: WebhookRequest) -> FieldPolicy { PayoutsPolicy.policy }

    /// The name in the path.
    public func account(of request: WebhookRequest) -> String {
        request.pathSource?.name ?? ""
    }

    /// The delivery's id from its headers, else an event's id from the body, else the body's digest.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        let body = PayoutsPolicy.Captured(captured)
        let id = DeliveryHeaders.id(request.headers) ?? body.eventID
        return Provenance(
            account: account(of: request),
            topic: "payout",
            deliveryID: id ?? ProvenanceText.contentID(bodySHA256),
            eventID: id ?? "",
            occurredAt: ProvenanceText.instant(body.time),
            isTest: ProvenanceText.isTrue(body.test) || ProvenanceText.isFalse(body.livemode)
        )
    }
}
