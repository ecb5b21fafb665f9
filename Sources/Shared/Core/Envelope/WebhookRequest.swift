/// Looks up HTTP headers by name, without regard to case.
public protocol HeaderLookup {
    /// Returns the first value of the header, or nil. `name` is lower-case.
    func first(_ name: String) -> String?
}

/// A webhook as it came in: bytes and headers, unverified, full of personal data.
///
/// It lives only for the duration of one call: `body` points into the connection's buffer.
public struct WebhookRequest {
    /// The adapter's variant that the path names, such as `osb` for `/webhooks/shopier/osb`; empty for the
    /// plain one.
    public let variant: String
    /// The `{source}` of the path, for routes that have one.
    public let pathSource: SourceID?
    /// The headers.
    public let headers: any HeaderLookup
    /// The raw body, after content decoding; the bytes over which a signature is computed.
    public let body: UnsafeRawBufferPointer
    /// The body as it was sent, where it was decoded: some sign these bytes.
    public let encodedBody: UnsafeRawBufferPointer?
    /// When the intake took it.
    public let receivedAt: Timestamp
    /// The hashes of the body.
    let hashes: BodyHashes
    private let hashing: (any BodyHashing)?

    /// Creates a request.
    public init(
        variant: String,
        pathSource: SourceID?,
        headers: any HeaderLookup,
        body: UnsafeRawBufferPointer,
        encodedBody: UnsafeRawBufferPointer? = nil,
        receivedAt: Timestamp,
        hashing: (any BodyHashing)? = nil
    ) {
        self.variant = variant
        self.pathSource = pathSource
        self.headers = headers
        self.body = body
        self.encodedBody = encodedBody
        self.receivedAt = receivedAt
        self.hashing = hashing
        hashes = BodyHashes(body, hashing: hashing)
    }

    /// The request as if nobody had decoded it; nil when nobody did.
    var asSent: WebhookRequest? {
        encodedBody.map { encoded in
            WebhookRequest(
                variant: variant,
                pathSource: pathSource,
                headers: headers,
                body: encoded,
                receivedAt: receivedAt,
                hashing: hashing
            )
        }
    }

    /// The sender's trace, where the request names one.
    var traceParent: TraceParent? { headers.first("traceparent").flatMap { TraceParent($0) } }
}

/// What a check of a signature found.
public enum SignatureVerdict: Hashable, Sendable {
    /// The signature is right; `secret` is the index of the secret that made it.
    case verified(secret: Int)
    /// No secret is configured for the source, so nothing was checked.
    case unsigned
    /// A secret is configured and the signature is missing, malformed, stale or wrong.
    case failed(SignatureFailure)
}

/// Why a signature did not verify; names no secret and no part of the message.
public enum SignatureFailure: String, CaseIterable, Hashable, Sendable {
    /// The header or field is not there.
    case missing
    /// It is there, but not in the form that the provider documents.
    case malformed
    /// Its timestamp lies outside the tolerance.
    case stale
    /// It is not the signature of this body under any configured secret.
    case mismatch
    /// It is right, but the account that the headers name is none of those that are configured.
    case otherAccount = "other-account"
}

/// Where a webhook came from and what it is about, as far as headers and kept fields say.
public struct Provenance: Hashable, Sendable {
    /// The provider's account; empty where none is named.
    public var account: String
    /// The provider's topic, such as `orders/paid`.
    public var topic: String
    /// The id of this delivery: the transport's idempotency key.
    public var deliveryID: String
    /// The id of the event, where the provider has one; several deliveries may share it.
    public var eventID: String
    /// When the provider says that it happened.
    public var occurredAt: Timestamp?
    /// Whether headers or body mark it as a test.
    public var isTest: Bool

    /// Creates a provenance.
    public init(
        account: String = "",
        topic: String,
        deliveryID: String,
        eventID: String = "",
        occurredAt: Timestamp? = nil,
        isTest: Bool = false
    ) {
        self.account = account
        self.topic = topic
        self.deliveryID = deliveryID
        self.eventID = eventID
        self.occurredAt = occurredAt
        self.isTest = isTest
    }
}
