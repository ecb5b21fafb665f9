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
    private let email: KeyedDigest
    private let phone: KeyedDigest
    private let customerID: KeyedDigest
    private let identifier: KeyedDigest
    private let prefix: [UInt8]

    /// Prepares the three domains under one key; a copy of a prepared state saves two of its four hash
    /// blocks.
    public init(key: PseudonymKeyRing.Key) {
        keyID = key.id
        prefix = Array("h1:\(key.id):".utf8)
        func prepared(_ domain: String) -> KeyedDigest {
            var state = key.secret.digest
            state.update(Array("growth/v1\0\(domain)\0".utf8))
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
        var output = ByteSink()
        append(canonical, scope: Self.scope(source: source, account: account), to: &output)
        return output.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// What precedes a customer id in its message.
    static func scope(source: SourceID, account: String) -> [UInt8] {
        var scope: [UInt8] = []
        scope.reserveCapacity(source.name.utf8.count + account.utf8.count + 2)
        scope.append(contentsOf: source.name.utf8)
        scope.append(0)
        scope.append(contentsOf: account.utf8)
        scope.append(0)
        return scope
    }

    /// Appends the pseudonym of an identifier, as it stands.
    func append(identifier text: UnsafeRawBufferPointer, scope: [UInt8], to output: inout ByteSink) {
        var state = identifier
        state.update(scope)
        state.update(text)
        append(state.finalize(), to: &output)
    }

    /// Appends the pseudonym of a canonical identity.
    func append(_ identity: CanonicalIdentity, scope: [UInt8], to output: inout ByteSink) {
        var state: KeyedDigest
        switch identity.identity {
        case .email: state = email
        case .phone: state = phone
        case .customerID:
            state = customerID
            state.update(scope)
        }
        state.update(identity.bytes)
        append(state.finalize(), to: &output)
    }

    private func append(_ digest: SHA256Digest, to output: inout ByteSink) {
        prefix.withUnsafeBytes { output.append($0) }
        output.reserve(64)
        digest.withUnsafeBytes { HexDigits.write($0, to: output.end) }
        output.advance(64)
    }
}
