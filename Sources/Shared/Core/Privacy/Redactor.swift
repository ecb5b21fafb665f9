/// Takes the personal data out of a document in one pass.
///
/// The rules, for each scalar, by the policy's entry for its path:
/// - kept: copied byte for byte, unless it is not what the path promises. In a text, such as a title, what
///   a value rule finds is replaced by the name of the rule in brackets, such as `[email]`. A string that
///   should be an id, a status, a date or an amount and is something that people write becomes a pseudonym
///   as a whole, so that two of them stay two.
/// - pseudonymised: replaced by `h1:<key id>:<64 hex digits>`; one that is empty in canonical form becomes
///   null.
/// - neither: null, `true` and `false` stay; strings and numbers (which may be phones, coordinates, birth
///   dates, postcodes) are dropped, in an object with their key, in an array by a null in their place.
///
/// Arrays and objects stay, whatever is left in them. A key that the policy does not name stays when it is a
/// plain identifier, and becomes `redacted-key` when it may be data. The customer is the first of e-mail
/// address, phone number and customer id that the document holds; among several of a kind the policy's order
/// decides.
public struct Redactor: Sendable {
    private let pseudonymizer: Pseudonymizer
    private let limits: JSONLimits

    /// Creates a redactor that pseudonymises under the ring's active key.
    public init(keyRing: PseudonymKeyRing, limits: JSONLimits = .default) {
        pseudonymizer = Pseudonymizer(key: keyRing.activeKey)
        self.limits = limits
    }

    /// Returns what stands for an account that is no machine token, and so may be a person's.
    func pseudonym(ofAccount account: String, source: SourceID) -> String {
        let scope = Pseudonymizer.scope(source: source, account: "")
        var output = ByteSink(capacity: 128)
        Array(account.utf8).withUnsafeBytes { text in
            pseudonymizer.append(identifier: text, scope: scope, to: &output)
        }
        return output.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Returns the redacted document.
    ///
    /// O(n) time. Throws ``JSONError`` when the bytes are not JSON or exceed the limits.
    public func redact(
        _ document: UnsafeRawBufferPointer,
        policy: FieldPolicy,
        source: SourceID,
        account: String
    ) throws(JSONError) -> RedactedPayload {
        let captureCount = policy.captures.count
        let scope = Pseudonymizer.scope(source: source, account: account)
        return try policy.trie.withTable { table throws(JSONError) in
            var pass = RedactionPass(
                document,
                table: table,
                captureCount: captureCount,
                depthLimit: limits.depth,
                pseudonymizer: pseudonymizer,
                scope: scope
            )
            try JSONWalk.run(document, limits: limits, visitor: &pass)
            return pass.finish()
        }
    }

    /// Returns the redacted document, from an array.
    ///
    /// Throws ``JSONError`` when the bytes are not JSON or exceed the limits.
    public func redact(
        _ document: [UInt8],
        policy: FieldPolicy,
        source: SourceID,
        account: String
    ) throws(JSONError) -> RedactedPayload {
        try document.withUnsafeBufferPointer { buffer throws(JSONError) in
            try redact(UnsafeRawBufferPointer(buffer), policy: policy, source: source, account: account)
        }
    }
}
