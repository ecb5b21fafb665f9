import Crypto

/// Makes pseudonyms: HMAC-SHA-256 over the canonical form of an identity, one domain per kind of identity.
///
/// The message is `growth/v1`, the domain (`customer/email`, `customer/phone`, `customer/id`, or `identifier`
/// for an id that holds personal data) and the canonical identity, separated by zero bytes. A customer id or
/// an identifier is preceded by its source and account, since it means nothing elsewhere; an e-mail address
/// or phone number has the same pseudonym whichever source sent it. Text that looks like a digest already is
/// keyed like all else, so that no sender can choose a pseudonym.
public struct Pseudonymizer: Sendable {
    /// The id of the key, part of every pseudonym.
    public let keyID: String
    private let email: HMAC<SHA256>
    private let phone: HMAC<SHA256>
    private let customerID: HMAC<SHA256>
    private let identifier: HMAC<SHA256>
    private let prefix: [UInt8]

    /// Prepares the three domains under one key; a copy of a prepared state saves two of its four hash
    /// blocks.
    public init(key: PseudonymKeyRing.Key) {
        keyID = key.id
        prefix = Array("h1:\(key.id):".utf8)
        let symmetric = SymmetricKey(data: key.secret.bytes)
        func prepared(_ domain: String) -> HMAC<SHA256> {
            var state = HMAC<SHA256>(key: symmetric)
            state.update(data: Array("growth/v1\0\(domain)\0".utf8))
            return state
        }
        email = prepared("customer/email")
        phone = prepared("customer/phone")
        customerID = prepared("customer/id")
        identifier = prepared("identifier")
    }

    /// Returns `h1:<key id>:<64 hex digits>`, or nil when nothing is left of the identity in canonical form.
    ///
    /// Source and account matter for a customer id only.
    public func pseudonym(
        of text: String,
        identity: FieldPolicy.Identity,
        source: SourceID,
        account: String
    ) -> String? {
        let canonical = CanonicalIdentity(Array(text.utf8), identity: identity)
        guard !canonical.bytes.isEmpty else { return nil }
        var output: [UInt8] = []
        append(canonical, scope: Self.scope(source: source, account: account), to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What precedes a customer id in its message.
    static func scope(source: SourceID, account: String) -> [UInt8] {
        Array("\(source.name)\0\(account)\0".utf8)
    }

    /// Appends the pseudonym of an identifier, as it stands.
    func append(identifier text: UnsafeRawBufferPointer, scope: [UInt8], to output: inout [UInt8]) {
        var state = identifier
        state.update(data: scope)
        state.update(data: text)
        output.append(contentsOf: prefix)
        HexDigits.append(state.finalize(), to: &output)
    }

    /// Appends the pseudonym of a canonical identity.
    func append(_ identity: CanonicalIdentity, scope: [UInt8], to output: inout [UInt8]) {
        var state: HMAC<SHA256>
        switch identity.identity {
        case .email: state = email
        case .phone: state = phone
        case .customerID:
            state = customerID
            state.update(data: scope)
        }
        state.update(data: identity.bytes)
        output.append(contentsOf: prefix)
        HexDigits.append(state.finalize(), to: &output)
    }
}
