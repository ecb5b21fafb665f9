/// Any shop that can send JSON: the canonical shape, and the ids, states and amounts of other known shapes.
public struct GenericAdapter: WebhookReceiving, Sendable {
    /// `generic`.
    public let source = SourceID(literal: "generic")
    /// `/webhooks/generic/{source}`.
    public let routes = [WebhookRoute(path: "/webhooks/generic/", takesSource: true)]

    /// The mappings of sources that do not send the canonical shape, by the name in their path.
    public let mappings: [String: GenericMapping]
    private let mappedPolicies: [String: FieldPolicy]

    /// Creates the adapter; what a mapping points to is added to the allow-list of its source.
    public init(mappings: [String: GenericMapping] = [:]) {
        self.mappings = mappings
        mappedPolicies = mappings.mapValues { GenericPolicy.policy(with: $0) }
    }

    /// `generic_<source>`: each generic source has its own secrets.
    public func secretName(pathSource: SourceID?) -> String {
        "generic_\(pathSource?.name ?? "")"
    }

    /// True: orders arrive here.
    public var countsAsSignal: Bool { true }

    /// Checks the scheme whose header is there: the one that the source's mapping names, Standard Webhooks,
    /// ours, WooCommerce's or WebSub's, in this order.
    ///
    /// Each needs one of the source's secrets, so the choice of the header gives a stranger nothing.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        guard !secrets.secrets.isEmpty else { return .unsigned }
        let headers = request.headers
        if let scheme = mappings[account(of: request)]?.signature, let text = headers.first(scheme.header) {
            return scheme.verify(text, of: request, secrets: secrets.secrets)
        }
        if headers.first("webhook-signature") != nil {
            return StandardWebhooksSignature.verify(
                headers: headers,
                body: request.body,
                secrets: secrets.secrets,
                now: request.receivedAt
            )
        }
        if let text = headers.first("x-growth-signature") {
            return HMACSignature.hexOrBase64(text, of: request, secrets: secrets.secrets)
        }
        if let text = headers.first("x-wc-webhook-signature") {
            return HMACSignature.base64(text, of: request, secrets: secrets.secrets)
        }
        return HMACSignature.hex(
            headers.first("x-hub-signature-256"),
            of: request,
            secrets: secrets.secrets
        )
    }

    /// The body itself.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes { .body }

    /// WooCommerce's for a customer, where the `id` is the person whatever a mapping takes it for; else the
    /// mapping's allow-list, else WooCommerce's for the resource that its header names, else the canonical
    /// one.
    public func policy(for request: WebhookRequest) -> FieldPolicy {
        let resource = request.headers.first("x-wc-webhook-resource")
        if resource == "customer" { return WooCommercePolicy.customer }
        if let mapped = mappedPolicies[account(of: request)] { return mapped }
        return switch resource {
        case "product": WooCommercePolicy.product
        case "order": WooCommercePolicy.order
        default: GenericPolicy.policy
        }
    }

    /// The name in the path.
    public func account(of request: WebhookRequest) -> String {
        request.pathSource?.name ?? ""
    }

    /// Headers first, then fields of the body, then the body's digest.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        let headers = request.headers
        let body = GenericPolicy.Captured(captured)
        let eventID =
            DeliveryHeaders.id(headers) ?? body.eventID
        let topic =
            headers.first("ce-type") ?? headers.first("x-wc-webhook-topic") ?? body.eventType
        let time = headers.first("ce-time") ?? body.time
        return Provenance(
            account: account(of: request),
            topic: ProvenanceText.topic(topic) ?? "unknown",
            deliveryID: eventID ?? ProvenanceText.contentID(bodySHA256),
            eventID: eventID ?? "",
            occurredAt: ProvenanceText.instant(time)
                ?? ProvenanceText.instant(headers.first("webhook-timestamp")),
            isTest: body.isTest || ProvenanceText.isTrue(headers.first("is-test-event"))
        )
    }
}
