/// The monolith's updates on how far orders are.
public struct FulfilmentAdapter: WebhookReceiving, Sendable {
    /// `fulfilment`.
    public let source = SourceID(literal: "fulfilment")
    /// `/fulfilment/{source}`.
    public let routes = [WebhookRoute(path: "/fulfilment/", takesSource: true)]

    /// Creates the adapter.
    public init() {}

    /// `monolith`, whatever the source: the monolith sends for all of them.
    public func secretName(pathSource: SourceID?) -> String { "monolith" }

    /// False: an update does not show that customers are buying.
    public var countsAsSignal: Bool { false }

    /// Checks `X-Growth-Signature` under the monolith's secrets, hexadecimal or base64.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        MonolithSignature.verify(request, secrets: secrets)
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// The allow-list.
    public func policy(for request: WebhookRequest) -> FieldPolicy { FulfilmentPolicy.policy }

    /// The name in the path: the source of the order.
    public func account(of request: WebhookRequest) -> String {
        request.pathSource?.name ?? ""
    }

    /// The delivery's id from its headers, else the update's `event_id`, else the body's digest.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        let body = FulfilmentPolicy.Captured(captured)
        let eventID = ProvenanceText.token(body.eventID)
        return Provenance(
            account: account(of: request),
            topic: "fulfilment",
            deliveryID: DeliveryHeaders.id(request.headers) ?? eventID
                ?? ProvenanceText.contentID(bodySHA256),
            eventID: eventID ?? "",
            occurredAt: ProvenanceText.instant(body.at),
            isTest: ProvenanceText.isTrue(body.test)
        )
    }
}
