/// Shopier's three doors: the JSON webhooks of REST v1, the legacy OSB form and the module callback form.
public struct ShopierAdapter: WebhookReceiving, Sendable {
    /// The variants of the routes.
    enum Variant {
        static let webhook = ""
        static let osb = "osb"
        static let callback = "callback"
    }

    /// `shopier`.
    public let source = SourceID(literal: "shopier")
    /// The three doors; OSB wants the plain text `success`.
    public let routes = [
        WebhookRoute(path: "/webhooks/shopier"),
        WebhookRoute(path: "/webhooks/shopier/osb", variant: Variant.osb, successText: "success"),
        WebhookRoute(path: "/webhooks/shopier/callback", variant: Variant.callback),
    ]

    /// Creates the adapter.
    public init() {}

    /// True: orders arrive here.
    public var countsAsSignal: Bool { true }

    /// True: each JSON webhook names its shop; the forms name none.
    public var namesAccounts: Bool { true }

    /// Checks the signature in the way of the door.
    ///
    /// REST v1: hexadecimal HMAC-SHA-256 of the raw body under a subscription's token, which six SDKs verify.
    /// The account is not signed: it is compared with the configured ones, where there are some.
    public func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict {
        switch request.variant {
        case Variant.osb:
            return ShopierSignature.verifyOSB(
                { Self.form(of: request) },
                user: secrets.osbUser,
                password: secrets.osbPassword
            )
        case Variant.callback:
            return ShopierSignature.verifyCallback({ Self.form(of: request) }, secrets: secrets.secrets)
        default:
            let account = account(of: request)
            guard !secrets.secrets.isEmpty else { return secrets.verdict(.unsigned, ofAccount: account) }
            let verdict = HMACSignature.hex(
                request.headers.first("shopier-signature"),
                of: request,
                secrets: secrets.secrets
            )
            return secrets.verdict(verdict, ofAccount: account)
        }
    }

    /// The body, or what the form carries: OSB's `res` decoded, the callback's fields as one object.
    public func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes {
        switch request.variant {
        case Variant.osb:
            guard let form = Self.form(of: request) else { throw .notJSON }
            guard let message = form["res"] else { throw .missingFormField }
            guard let document = SignatureText.base64(message) else { throw .notJSON }
            return .carried(document)
        case Variant.callback:
            guard let form = Self.form(of: request) else { throw .notJSON }
            guard form["platform_order_id"] != nil else { throw .missingFormField }
            return .carried(form.json())
        default:
            return .body
        }
    }

    /// The door's allow-list.
    public func policy(for request: WebhookRequest) -> FieldPolicy {
        switch request.variant {
        case Variant.osb: ShopierPolicy.osb
        case Variant.callback: ShopierPolicy.callback
        default: ShopierPolicy.webhook
        }
    }

    /// The shop's account id; the forms name none.
    public func account(of request: WebhookRequest) -> String {
        ProvenanceText.account(request.headers.first("shopier-account-id"))
    }

    /// Headers and digest of the message.
    ///
    /// `Shopier-Webhook-Id` may be the id of the subscription, so it is kept as the event id and never names
    /// a delivery: that is the digest of event, timestamp and body.
    public func provenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        guard request.variant == Variant.webhook else {
            return formProvenance(of: request, captured: captured, bodySHA256: bodySHA256)
        }
        let headers = request.headers
        // A form's name as an event would have the body read as that form.
        let event = ProvenanceText.topic(headers.first("shopier-event")).flatMap { event in
            event == Variant.osb || event == Variant.callback ? nil : event
        }
        let time = headers.first("shopier-timestamp") ?? ""
        let body = ShopierPolicy.CapturedTimes(captured)
        let isCreation = event?.hasSuffix(".created") ?? false
        return Provenance(
            account: account(of: request),
            topic: event ?? "unknown",
            deliveryID: ProvenanceText.contentID(of: [event ?? "", time], body: request.body),
            eventID: ProvenanceText.token(headers.first("shopier-webhook-id")) ?? "",
            occurredAt: ProvenanceText.instant(time)
                ?? ProvenanceText.instant(body.updated ?? (isCreation ? body.created : nil))
        )
    }

    private func formProvenance(
        of request: WebhookRequest,
        captured: [String?],
        bodySHA256: String
    ) -> Provenance {
        let isOSB = request.variant == Variant.osb
        let fields = ShopierPolicy.CapturedForm(captured)
        return Provenance(
            account: account(of: request),
            topic: request.variant,
            deliveryID: ProvenanceText.contentID(bodySHA256),
            eventID: ProvenanceText.token(fields.id) ?? "",
            isTest: isOSB && ProvenanceText.isTrue(fields.test)
        )
    }

    private static func form(of request: WebhookRequest) -> FormBody? {
        FormBody(request.body, contentType: request.headers.first("content-type"))
    }
}
