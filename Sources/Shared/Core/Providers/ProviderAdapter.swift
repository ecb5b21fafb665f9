/// Everything that the engine knows of one source: a folder under Providers and one line in the catalog.
public typealias ProviderAdapter = WebhookNormalizing & WebhookReceiving

/// The intake's half of an adapter: pure functions over one request.
public protocol WebhookReceiving: Sendable {
    /// The door's name; it is the queue's name and the envelope's `source`.
    var source: SourceID { get }

    /// The routes that the door serves.
    var routes: [WebhookRoute] { get }

    /// Returns the name under which the secrets of a request are configured: `GROWTH_<NAME>_SECRETS`.
    ///
    /// The `{source}` of the path is nil for routes without one.
    func secretName(pathSource: SourceID?) -> String

    /// Whether deliveries name the provider's account in a header, which ``SourceSecrets/accounts`` bounds.
    var namesAccounts: Bool { get }

    /// Whether a delivery shows that customers are buying, so that its absence is worth an alert.
    var countsAsSignal: Bool { get }

    /// Checks the signature over the raw bytes, in constant time, against each configured secret.
    func verify(_ request: WebhookRequest, secrets: SourceSecrets) -> SignatureVerdict

    /// Returns the JSON document of the request: the body itself, or what a form field carries.
    ///
    /// - Throws: The reason why there is no document.
    func document(of request: WebhookRequest) throws(UnreadableBody) -> DocumentBytes

    /// The allow-list for the document.
    func policy(for request: WebhookRequest) -> FieldPolicy

    /// Returns the provider's account as far as path and headers tell it; it scopes customer ids when they
    /// are pseudonymised, so it must not depend on the body. Empty where none is named. What is no machine
    /// token does not leave the intake: its pseudonym stands in the envelope.
    func account(of request: WebhookRequest) -> String

    /// Returns where the webhook came from.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - captured: The texts of the policy's `captures`, in their order, after redaction; nil where absent.
    ///   - bodySHA256: SHA-256 of the raw body in lower-case hex.
    /// - Returns: Account, topic, ids, time and test mark.
    func provenance(of request: WebhookRequest, captured: [String?], bodySHA256: String) -> Provenance
}

extension WebhookReceiving {
    /// The door's own name.
    public func secretName(pathSource: SourceID?) -> String { source.name }

    /// False.
    public var namesAccounts: Bool { false }
}

/// The worker's half of an adapter: a pure function over one envelope.
public protocol WebhookNormalizing: Sendable {
    /// Whether net revenue of the source's orders holds tax; nil for a source without orders.
    var taxBasis: TaxBasis? { get }

    /// Returns what the webhook says.
    ///
    /// - Throws: The reason for which the webhook becomes a dead letter.
    func normalize(_ envelope: Envelope, body: JSONValue) throws(Rejection) -> Normalized
}

/// Whether amounts hold tax.
public enum TaxBasis: String, CaseIterable, Sendable {
    /// The source tells tax apart, and it is left out.
    case exclusive
    /// The source does not tell tax apart, so it is in the amounts.
    case inclusive
    /// Some of the source's messages do, others do not.
    case mixed

    /// Returns the basis of several sources together; `mixed` for none.
    public static func of(_ parts: some Sequence<TaxBasis>) -> TaxBasis {
        let found = Set(parts)
        return found.count == 1 ? found.first ?? .mixed : .mixed
    }
}

/// A path that a door serves.
public struct WebhookRoute: Hashable, Sendable {
    /// The path, such as `/webhooks/shopier/osb`; ends in `/` when a `{source}` segment follows.
    public let path: String
    /// Whether one more segment names the source.
    public let takesSource: Bool
    /// What the adapter is told, to know which of its routes it was.
    public let variant: String
    /// The plain text with which the provider wants success to be answered; nil for our own JSON answer.
    public let successText: String?

    /// Creates a route.
    public init(path: String, takesSource: Bool = false, variant: String = "", successText: String? = nil) {
        self.path = path
        self.takesSource = takesSource
        self.variant = variant
        self.successText = successText
    }
}

/// The JSON document of a request.
public enum DocumentBytes {
    /// The request's body as it is.
    case body
    /// A document that was carried inside the body.
    case carried([UInt8])
}

/// Why a request holds no JSON document.
public enum UnreadableBody: String, Error, Sendable {
    /// The body, or what a form field carries, is not JSON.
    case notJSON = "not-json"
    /// The form lacks the field that carries the message.
    case missingFormField = "missing-form-field"
    /// The header is not there that says what the document is, and with it what of it may be kept.
    case missingTopic = "missing-topic"
    /// The document is nested deeper than the limit.
    case tooDeep = "too-deep"
}

/// What a webhook says, normalised.
public struct Normalized: Hashable, Sendable {
    /// What it says; empty for a message that changes nothing.
    public var facts: [Fact]
    /// Why it changes nothing, or what is odd about it; goes into the inbox row.
    public var note: String?
    /// The provider's id of the object that it is about.
    public var objectID: String?

    /// Creates a result.
    public init(facts: [Fact], note: String? = nil, objectID: String? = nil) {
        self.facts = facts
        self.note = note
        self.objectID = objectID
    }
}

/// The message can never be normalised as it is.
public struct Rejection: Error, Hashable, Sendable {
    /// Why.
    public let reason: DeadReason

    /// Creates a rejection.
    public init(_ reason: DeadReason) {
        self.reason = reason
    }
}
