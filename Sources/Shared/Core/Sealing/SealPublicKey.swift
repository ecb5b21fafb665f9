import Crypto

/// The public half of a seal key: what it seals, only the private half opens.
///
/// Its file has one line, `growth-seal-public v1 <id> <64 hex digits>`, and is no secret.
public struct SealPublicKey: Sendable {
    /// The first 16 hex digits of the SHA-256 of the key.
    public let id: String
    let key: Curve25519.KeyAgreement.PublicKey

    init(_ key: Curve25519.KeyAgreement.PublicKey) {
        self.key = key
        id = SealKeyLine.id(ofPublicKey: key.rawRepresentation)
    }

    /// Reads the text of a file.
    public init(text: String) throws(SealKeyError) {
        let (id, bytes) = try SealKeyLine.read(text, as: .publicHalf)
        guard let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes) else {
            throw .unusable
        }
        self.init(key)
        guard id == self.id else { throw .wrongID }
        guard !isOfSmallOrder else { throw .unusable }
    }

    /// Whether every other key agrees with it on zero, so that anybody could open what is sealed to it.
    ///
    /// RFC 9180 section 7.1.4 wants it refused; the library does not look.
    private var isOfSmallOrder: Bool {
        guard let probe = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: Self.probe),
            let secret = try? probe.sharedSecretFromKeyAgreement(with: key)
        else { return true }
        return secret.withUnsafeBytes { $0.allSatisfy { $0 == 0 } }
    }

    /// Returns the text of the file.
    public func serialized() -> String {
        SealKeyLine.text(.publicHalf, id: id, bytes: key.rawRepresentation)
    }

    private static let probe = [UInt8](repeating: 1, count: 32)
}
