/// One webhook on its way to the worker: verified, free of raw personal data, one line of JSON on a Redis list.
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
    /// The id of the pseudonym key that was active.
    public var keyID: String
    /// How many values were pseudonymised.
    public var pseudonymisedCount: Int
    /// How many values were dropped.
    public var droppedCount: Int
    /// The customer's pseudonym `h1:<key id>:<hex>`; nil when the message names no customer.
    public var customer: String?
    /// Why there is no body (`not-json`, `too-deep`, `unknown-encoding`); nil when there is one.
    public var unreadable: String?
    /// The pseudonymised body, JSON; empty when it could not be redacted.
    public var body: [UInt8]

    /// Creates an envelope.
    public init(
        id: String, source: SourceID, provenance: Provenance, receivedAt: Timestamp, signature: Signature,
        secretIndex: Int?, bodySHA256: String, byteCount: Int, intake: String, attempt: Int = 0, keyID: String,
        pseudonymisedCount: Int, droppedCount: Int, customer: String?, unreadable: String?, body: [UInt8]
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
        self.keyID = keyID
        self.pseudonymisedCount = pseudonymisedCount
        self.droppedCount = droppedCount
        self.customer = customer
        self.unreadable = unreadable
        self.body = body
    }
}
