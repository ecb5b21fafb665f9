/// What is left of a document after redaction; only ``Redactor`` makes one.
public struct RedactedPayload: Sendable {
    /// The redacted document, JSON.
    public let bytes: [UInt8]
    /// The texts of the policy's captures, in their order; nil where absent or not kept.
    public let captured: [String?]
    /// The customer's pseudonym `h1:<key id>:<hex>`; nil when the document names no customer.
    public let customer: String?
    /// How many values were pseudonymised.
    public let pseudonymisedCount: Int
    /// How many values were dropped.
    public let droppedCount: Int
}

/// Takes the personal data out of a document in one pass.
public struct Redactor: Sendable {
    /// Creates a redactor that pseudonymises under the ring's active key.
    public init(keyRing: PseudonymKeyRing, limits: JSONLimits = .default) { fatalError() }

    /// Returns the redacted document.
    ///
    /// - Throws: ``JSONError`` when the bytes are not JSON or exceed the limits.
    public func redact(
        _ document: UnsafeRawBufferPointer, policy: FieldPolicy, source: SourceID, account: String
    ) throws(JSONError) -> RedactedPayload { fatalError() }
}

/// The keys under which personal data is pseudonymised: one active, the others retired.
public struct PseudonymKeyRing: Sendable {
    /// The id of the active key, e.g. `k1`.
    public var activeKeyID: String { fatalError() }
}
