import Crypto
import Foundation

/// Seals what can't be redacted, so that only the holder of the private key can read it.
///
/// HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. Its ephemeral
/// key is the one piece of randomness that is not handed in: the library draws it from the system for each
/// text, since a text sealed with a known one can be read by whoever knows it. Base mode does not tell who
/// sealed: whoever has the public key can.
public struct Sealer: Sendable {
    static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly
    static let info = Data("growth/v1 sealed body".utf8)

    private let publicKey: SealPublicKey

    /// Creates a sealer.
    public init(publicKey: SealPublicKey) {
        self.publicKey = publicKey
    }

    /// Seals a request for one envelope; O(size of the body).
    public func seal(_ request: SealedRequest, for binding: SealBinding) throws(SealError) -> SealedText {
        do {
            var sender = try HPKE.Sender(
                recipientKey: publicKey.key,
                ciphersuite: Self.suite,
                info: Self.info
            )
            let ciphertext = try sender.seal(request.encoded(), authenticating: binding.bytes)
            return SealedText(
                keyID: publicKey.id,
                encapsulatedKey: sender.encapsulatedKey,
                ciphertext: ciphertext
            )
        } catch {
            throw .notSealed
        }
    }
}

/// The envelope to which a sealed text belongs: under another one it does not open.
public struct SealBinding: Hashable, Sendable {
    /// The envelope's id, its source and the digest of the raw body, separated by zero bytes.
    let bytes: [UInt8]
    let bodySHA256: String

    init(envelopeID: String, source: SourceID, bodySHA256: String) {
        self.bodySHA256 = bodySHA256
        bytes = Array("\(envelopeID)\0\(source.name)\0\(bodySHA256)".utf8)
    }

    /// Creates the binding to an envelope.
    public init(_ envelope: Envelope) {
        self.init(envelopeID: envelope.id, source: envelope.source, bodySHA256: envelope.bodySHA256)
    }
}

extension SealPrivateKey {
    /// Opens what was sealed for an envelope; O(size of the body).
    public func open(_ sealed: SealedText, for binding: SealBinding) throws(SealError) -> SealedRequest {
        guard sealed.keyID == id else { throw .otherKey(sealedTo: sealed.keyID, given: id) }
        guard let (encapsulatedKey, ciphertext) = sealed.parts else { throw .damaged }
        let bytes: Data
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key,
                ciphersuite: Sealer.suite,
                info: Sealer.info,
                encapsulatedKey: encapsulatedKey
            )
            bytes = try recipient.open(ciphertext, authenticating: binding.bytes)
        } catch {
            throw .notAuthentic
        }
        guard let request = SealedRequest(decoding: Array(bytes)),
            HexDigits.text(SHA256.hash(data: request.body)) == binding.bodySHA256
        else { throw .unknownContent }
        return request
    }
}
