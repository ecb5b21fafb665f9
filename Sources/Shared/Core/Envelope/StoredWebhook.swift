/// A delivery as a database keeps it, from which its envelope is made again.
///
/// What is not kept, such as the intake's name, stays empty: no adapter looks at it.
public struct StoredWebhook: Hashable, Sendable {
    /// The id of its row.
    public var rowID: Int64
    /// The envelope's id.
    public var envelopeID: String
    /// The door through which it came.
    public var source: SourceID
    /// Where it came from and what it is about.
    public var provenance: Provenance
    /// When the intake took it.
    public var receivedAt: Timestamp
    /// How the signature was found.
    public var signature: Envelope.Signature
    /// SHA-256 of the raw body in lower-case hex.
    public var bodySHA256: String
    /// The id of the pseudonym key.
    public var keyID: String
    /// The customer's pseudonym.
    public var customer: String?
    /// The redacted body.
    public var body: [UInt8]

    /// Creates a stored delivery.
    public init(
        rowID: Int64,
        envelopeID: String,
        source: SourceID,
        provenance: Provenance,
        receivedAt: Timestamp,
        signature: Envelope.Signature,
        bodySHA256: String,
        keyID: String,
        customer: String?,
        body: [UInt8]
    ) {
        self.rowID = rowID
        self.envelopeID = envelopeID
        self.source = source
        self.provenance = provenance
        self.receivedAt = receivedAt
        self.signature = signature
        self.bodySHA256 = bodySHA256
        self.keyID = keyID
        self.customer = customer
        self.body = body
    }

    /// Returns its envelope, as though it had just been read from a queue.
    ///
    /// - Throws: `unreadable-envelope` when the stored body is no JSON.
    public func decoded() throws(Rejection) -> DecodedEnvelope {
        let envelope = Envelope(
            id: envelopeID,
            source: source,
            provenance: provenance,
            receivedAt: receivedAt,
            signature: signature,
            secretIndex: nil,
            bodySHA256: bodySHA256,
            byteCount: 0,
            intake: "",
            keyID: keyID,
            pseudonymisedCount: 0,
            droppedCount: 0,
            customer: customer,
            unreadable: nil,
            body: body
        )
        return try DecodedEnvelope(decoding: envelope.encoded())
    }
}
