/// One webhook on its way to the worker: verified, free of raw personal data, one line of JSON on a Redis
/// list.
public struct Envelope: Sendable {
    /// How the signature was found.
    public enum Signature: String, Sendable {
        case verified
        case unsigned
        case failed
    }

    /// Version of the envelope's form; 1.
    public static let version = 1

    /// A ULID, unique per accepted request.
    public var id: String
    /// The door through which it came, which is also the queue on which it travels.
    public var source: SourceID
    /// Where it came from and what it is about.
    public var provenance: Provenance
    /// When the intake took it.
    public var receivedAt: Timestamp
    /// How the signature was found.
    public var signature: Signature
    /// The index of the secret that verified it; nil when none did.
    public var secretIndex: Int?
    /// SHA-256 of the raw body, 64 lower-case hex digits.
    public var bodySHA256: String
    /// Size of the raw body in bytes.
    public var byteCount: Int
    /// The name of the intake that took it.
    public var intake: String
    /// How many times the worker has tried it before.
    public var attempt: Int
    /// Why the last try failed, as a dead letter would say it; nil before the first.
    public internal(set) var lastError: String?
    /// The id of the pseudonym key that was active.
    public var keyID: String
    /// How many values were pseudonymised.
    public let pseudonymisedCount: Int
    /// How many values were dropped.
    public let droppedCount: Int
    /// The customer's pseudonym `h1:<key id>:<hex>`; nil when the message names no customer.
    public let customer: String?
    /// Why the signature did not verify; nil when it did, none was asked for, or an older intake took it.
    public let failure: SignatureFailure?
    /// The sender's trace; nil when it named none.
    public var traceParent: TraceParent?
    /// Why there is no body (`not-json`, `too-deep`, `missing-form-field`); nil when there is one.
    public let unreadable: String?
    /// The whole request, sealed, where there is no body and the intake has a seal key.
    public internal(set) var sealed: SealedText?
    /// The pseudonymised body, JSON; empty when it could not be redacted.
    public let body: [UInt8]

    /// When the delivery says that it happened, but never later than it came in: headers may say it, and
    /// most schemes sign none.
    var statedAt: Timestamp? { provenance.occurredAt.map { min($0, receivedAt) } }

    /// Creates an envelope from its fields; for the codec, whose lines held a redacted body already.
    init(
        id: String,
        source: SourceID,
        provenance: Provenance,
        receivedAt: Timestamp,
        signature: Signature,
        secretIndex: Int?,
        bodySHA256: String,
        byteCount: Int,
        intake: String,
        attempt: Int = 0,
        lastError: String? = nil,
        keyID: String,
        pseudonymisedCount: Int,
        droppedCount: Int,
        customer: String?,
        failure: SignatureFailure? = nil,
        traceParent: TraceParent? = nil,
        unreadable: String?,
        sealed: SealedText? = nil,
        body: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.provenance = provenance
        self.receivedAt = receivedAt
        self.signature = signature
        self.secretIndex = secretIndex
        self.bodySHA256 = bodySHA256
        self.byteCount = byteCount
        self.intake = intake
        self.attempt = attempt
        self.lastError = lastError
        self.keyID = keyID
        self.pseudonymisedCount = pseudonymisedCount
        self.droppedCount = droppedCount
        self.customer = customer
        self.failure = failure
        self.traceParent = traceParent
        self.unreadable = unreadable
        self.sealed = sealed
        self.body = body
    }

    /// Creates the envelope of a webhook: the only public way to give one a body, and it takes a redacted
    /// one.
    public init(
        _ webhook: VerifiedWebhook,
        stamp: EnvelopeStamp,
        provenance: Provenance,
        payload: RedactedPayload
    ) {
        self.init(
            id: stamp.id,
            source: webhook.source,
            provenance: provenance,
            receivedAt: webhook.request.receivedAt,
            signature: webhook.signature,
            secretIndex: webhook.secretIndex,
            bodySHA256: webhook.bodySHA256,
            byteCount: webhook.request.body.count,
            intake: stamp.intake,
            keyID: stamp.keyID,
            pseudonymisedCount: payload.pseudonymisedCount,
            droppedCount: payload.droppedCount,
            customer: payload.customer,
            failure: webhook.failure,
            traceParent: webhook.request.traceParent,
            unreadable: nil,
            body: payload.bytes
        )
    }

    /// Creates the envelope of a webhook whose body is no document: it has none, and carries it sealed where
    /// it was sealed.
    public init(
        _ webhook: VerifiedWebhook,
        stamp: EnvelopeStamp,
        provenance: Provenance,
        unreadable: UnreadableBody,
        sealed: SealedText? = nil
    ) {
        self.init(
            id: stamp.id,
            source: webhook.source,
            provenance: provenance,
            receivedAt: webhook.request.receivedAt,
            signature: webhook.signature,
            secretIndex: webhook.secretIndex,
            bodySHA256: webhook.bodySHA256,
            byteCount: webhook.request.body.count,
            intake: stamp.intake,
            keyID: stamp.keyID,
            pseudonymisedCount: 0,
            droppedCount: 0,
            customer: nil,
            failure: webhook.failure,
            traceParent: webhook.request.traceParent,
            unreadable: unreadable.rawValue,
            sealed: sealed,
            body: []
        )
    }
}

/// What the intake puts on every envelope.
public struct EnvelopeStamp: Hashable, Sendable {
    /// The envelope's ULID.
    public let id: String
    /// The name of the intake.
    public let intake: String
    /// The id of the active pseudonym key.
    public let keyID: String

    /// Creates a stamp.
    public init(id: String, intake: String, keyID: String) {
        self.id = id
        self.intake = intake
        self.keyID = keyID
    }
}
