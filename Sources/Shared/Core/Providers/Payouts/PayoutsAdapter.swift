/// Payouts that the monolith, an import or a poller hands in, in its own or in a provider's shape.
public struct PayoutsAdapter: MonolithReceiving, Sendable {
    /// `payouts`.
    public let source = SourceID(literal: "payouts")
    /// `/payouts/{source}`.
    public let routes = [WebhookRoute(path: "/payouts/", takesSource: true)]

    /// Creates the adapter.
    public init() {}

    /// One allow-list for all shapes.
    public func policy(for request: WebhookRequest) -> FieldPolicy { PayoutsPolicy.policy }

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
