/// The monolith's updates on how far orders are.
public struct FulfilmentAdapter: MonolithReceiving, Sendable {
    /// `fulfilment`.
    public let source = SourceID(literal: "fulfilment")
    /// `/fulfilment/{source}`.
    public let routes = [WebhookRoute(path: "/fulfilment/", takesSource: true)]

    /// Creates the adapter.
    public init() {}

    /// The allow-list.
    public func policy(for request: WebhookRequest) -> FieldPolicy { FulfilmentPolicy.policy }

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
