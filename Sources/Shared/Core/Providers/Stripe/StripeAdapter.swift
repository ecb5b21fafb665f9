/// Stripe's events.
public struct StripeAdapter: WebhookReceiving, Sendable {
    /// `stripe`.
    public let source = SourceID(literal: "stripe")
    /// `/webhooks/stripe`.
    public let routes = [WebhookRoute(path: "/webhooks/stripe")]

    /// Creates the adapter.
    public init() {}

    /// True: charges arrive here.
    public var countsAsSignal: Bool { true }

    /// Checks the `Stripe-Signature` header over the raw body.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        guard !secrets.secrets.isEmpty else { return .unsigned }
        return StripeSignature.verify(
            request.headers.first("stripe-signature"),
            body: request.body,
            secrets: secrets.secrets,
            now: request.receivedAt
        )
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// One allow-list for all objects that carry money; a narrow one when the object is the customer.
    public func policy(for request: WebhookRequest) -> FieldPolicy {
        StripePolicy.isAboutCustomer(request.body) ? StripePolicy.customer : StripePolicy.event
    }

    /// Empty: the ids of Stripe are unique over all accounts.
    public func account(of request: WebhookRequest) -> String { "" }

    /// Everything stands in the event itself; an event's id repeats when it is delivered again.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        let event = StripePolicy.Captured(captured)
        let id = ProvenanceText.token(event.id)
        return Provenance(
            account: ProvenanceText.token(event.account) ?? "",
            topic: ProvenanceText.topic(event.type) ?? "unknown",
            deliveryID: id ?? ProvenanceText.contentID(bodySHA256),
            eventID: id ?? "",
            occurredAt: ProvenanceText.instant(event.created),
            isTest: ProvenanceText.isFalse(event.livemode)
        )
    }
}
