/// What is left of a document after redaction; only ``Redactor`` makes one.
public struct RedactedPayload: Sendable {
    /// The redacted document, JSON without white space between its words.
    public let bytes: [UInt8]
    /// The texts of the policy's captures, in their order; nil where absent or not kept.
    public let captured: [String?]
    /// The customer's pseudonym `h1:<key id>:<hex>`; nil when the document names no customer.
    public let customer: String?
    /// How many values were pseudonymised.
    public let pseudonymisedCount: Int
    /// How many strings and numbers were dropped.
    public let droppedCount: Int
}
