import Foundation

/// Something sealed, as text: `s1:<id of the public key>:<base64>`.
///
/// The base64 (RFC 4648, padded) holds the encapsulated key, 32 bytes, and behind it the ciphertext with its
/// tag of 16 bytes; `s1` is the version of all of it.
public struct SealedText: Hashable, Sendable {
    /// Size of an encapsulated X25519 key.
    static let encapsulatedLength = 32
    private static let prefix = "s1:"

    /// The whole text.
    public let text: String
    /// The id of the key to which it is sealed.
    public let keyID: String

    /// Reads the text; nil when its beginning is none of this version.
    ///
    /// What the base64 holds is looked at when it is opened.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let rest = text.dropFirst(Self.prefix.count)
        let id = rest.prefix(SealKeyLine.idLength)
        guard id.utf8.count == SealKeyLine.idLength, id.utf8.allSatisfy({ JSONText.hexValue($0) != nil }),
            rest.dropFirst(SealKeyLine.idLength).first == ":"
        else { return nil }
        self.text = text
        keyID = String(id)
    }

    init(keyID: String, encapsulatedKey: Data, ciphertext: Data) {
        self.keyID = keyID
        text = "\(Self.prefix)\(keyID):\((encapsulatedKey + ciphertext).base64EncodedString())"
    }

    /// The encapsulated key and the ciphertext; nil when the base64 is damaged or too short.
    var parts: (encapsulatedKey: Data, ciphertext: Data)? {
        let base64 = text.dropFirst(Self.prefix.count + SealKeyLine.idLength + 1)
        guard let bytes = Data(base64Encoded: Data(base64.utf8)), bytes.count > Self.encapsulatedLength else {
            return nil
        }
        return (bytes.prefix(Self.encapsulatedLength), bytes.dropFirst(Self.encapsulatedLength))
    }
}
