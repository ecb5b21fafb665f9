/// Shopify's webhooks, both header families: `X-Shopify-*` and, of the newer Events, `shopify-*`.
public struct ShopifyAdapter: WebhookReceiving, Sendable {
    /// `shopify`.
    public let source = SourceID(literal: "shopify")
    /// `/webhooks/shopify`.
    public let routes = [WebhookRoute(path: "/webhooks/shopify")]

    /// Creates the adapter.
    public init() {}

    /// True: orders and payments arrive here.
    public var countsAsSignal: Bool { true }

    /// Checks base64 HMAC-SHA-256 of the raw body under each client secret.
    ///
    /// Only the body is signed; topic, shop and ids are not (shopify.dev, "Verify deliveries").
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        guard !secrets.secrets.isEmpty else { return .unsigned }
        return HMACSignature.base64(
            Self.header("hmac-sha256", of: request),
            body: request.body,
            secrets: secrets.secrets
        )
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// The allow-list for the topic's resource.
    public func policy(for request: WebhookRequest) -> FieldPolicy {
        ShopifyPolicy.policy(forTopic: Self.header("topic", of: request) ?? "")
    }

    /// The shop's domain, lower-cased: part of a customer id's pseudonym.
    public func account(of request: WebhookRequest) -> String {
        ProvenanceText.token(Self.header("shop-domain", of: request))?.lowercased() ?? ""
    }

    /// Shop, topic and ids from the headers; time and test mark from headers, else from the body.
    ///
    /// Several topics of one merchant action share an event id, so only the webhook id names a delivery.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        func token(_ name: String) -> String? { ProvenanceText.token(Self.header(name, of: request)) }
        let body = ShopifyPolicy.Captured(captured)
        let bodyTime = body.updatedAt ?? body.processedAt ?? body.createdAt
        return Provenance(
            account: account(of: request),
            topic: token("topic") ?? "unknown",
            deliveryID: token("webhook-id") ?? ProvenanceText.contentID(bodySHA256),
            eventID: token("event-id") ?? "",
            occurredAt: ProvenanceText.instant(Self.header("triggered-at", of: request))
                ?? ProvenanceText.instant(bodyTime),
            isTest: ProvenanceText.isTrue(Self.header("test", of: request))
                || ProvenanceText.isTrue(body.test)
        )
    }

    private static func header(_ name: String, of request: WebhookRequest) -> String? {
        request.headers.first("x-shopify-\(name)") ?? request.headers.first("shopify-\(name)")
    }
}
