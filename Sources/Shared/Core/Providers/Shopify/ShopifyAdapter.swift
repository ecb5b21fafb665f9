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

    /// True: each delivery names its shop.
    public var namesAccounts: Bool { true }

    /// Checks base64 HMAC-SHA-256 of the raw body under each client secret.
    ///
    /// Only the body is signed; topic, shop and ids are not (shopify.dev, "Verify deliveries"). So the shop
    /// is compared with the configured ones, where there are some.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        let account = account(of: request)
        guard !secrets.secrets.isEmpty else { return secrets.verdict(.unsigned, ofAccount: account) }
        let verdict = HMACSignature.base64(
            Self.header(Header.signature, of: request),
            of: request,
            secrets: secrets.secrets
        )
        return secrets.verdict(verdict, ofAccount: account)
    }

    /// The body itself, where the topic says which allow-list is its own.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes {
        guard Self.header(Header.topic, of: request)?.isEmpty == false else { throw .missingTopic }
        return .body
    }

    /// The allow-list for the topic's resource.
    public func policy(for request: WebhookRequest) -> FieldPolicy {
        ShopifyPolicy.policy(forTopic: Self.header(Header.topic, of: request) ?? "")
    }

    /// The shop's domain, lower-cased: part of a customer id's pseudonym.
    public func account(of request: WebhookRequest) -> String {
        ProvenanceText.account(Self.header(Header.shop, of: request)).lowercased()
    }

    /// Shop, topic and ids from the headers; time and test mark from headers, else from the body.
    ///
    /// Several topics of one merchant action share an event id, so only the webhook id names a delivery.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        func token(_ name: (webhooks: String, events: String)) -> String? {
            ProvenanceText.token(Self.header(name, of: request))
        }
        let body = ShopifyPolicy.Captured(captured)
        let bodyTime = body.updatedAt ?? body.processedAt ?? body.createdAt
        return Provenance(
            account: account(of: request),
            topic: ProvenanceText.topic(Self.header(Header.topic, of: request)) ?? "unknown",
            deliveryID: token(Header.webhookID) ?? ProvenanceText.contentID(bodySHA256),
            eventID: token(Header.eventID) ?? "",
            occurredAt: ProvenanceText.instant(Self.header(Header.triggeredAt, of: request))
                ?? ProvenanceText.instant(bodyTime),
            isTest: ProvenanceText.isTrue(Self.header(Header.test, of: request))
                || ProvenanceText.isTrue(body.test)
        )
    }

    /// A header by the names of both families.
    private enum Header {
        static let signature = (webhooks: "x-shopify-hmac-sha256", events: "shopify-hmac-sha256")
        static let topic = (webhooks: "x-shopify-topic", events: "shopify-topic")
        static let shop = (webhooks: "x-shopify-shop-domain", events: "shopify-shop-domain")
        static let webhookID = (webhooks: "x-shopify-webhook-id", events: "shopify-webhook-id")
        static let eventID = (webhooks: "x-shopify-event-id", events: "shopify-event-id")
        static let triggeredAt = (webhooks: "x-shopify-triggered-at", events: "shopify-triggered-at")
        static let test = (webhooks: "x-shopify-test", events: "shopify-test")
    }

    private static func header(
        _ name: (webhooks: String, events: String),
        of request: WebhookRequest
    ) -> String? {
        request.headers.first(name.webhooks) ?? request.headers.first(name.events)
    }
}
