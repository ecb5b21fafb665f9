import Crypto

/// The private half of a seal key: opens what was sealed to its public half.
///
/// Printing it shows no key. Its file has one line, `growth-seal-private v1 <id> <64 hex digits>`; no program
/// that runs on its own reads it.
public struct SealPrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// The public half.
    public let publicKey: SealPublicKey
    let key: Curve25519.KeyAgreement.PrivateKey

    private init(_ key: Curve25519.KeyAgreement.PrivateKey) {
        self.key = key
        publicKey = SealPublicKey(key.publicKey)
    }

    /// Makes a key out of 32 random bytes; nil for another number of bytes.
    public static func generate(randomBytes: [UInt8]) -> SealPrivateKey? {
        (try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: randomBytes)).map(SealPrivateKey.init)
    }

    /// Reads the text of a file.
    public init(text: String) throws(SealKeyError) {
        let (id, bytes) = try SealKeyLine.read(text, as: .privateHalf)
        guard let key = Self.generate(randomBytes: bytes) else { throw .unusable }
        guard id == key.id else { throw .wrongID }
        self = key
    }

    /// The id of the pair.
    public var id: String { publicKey.id }

    /// Returns the text of the file.
    ///
    /// It holds the key in clear: write it only to a file that nobody else can read.
    public func serialized() -> String {
        SealKeyLine.text(.privateHalf, id: id, bytes: key.rawRepresentation)
    }

    /// The id alone.
    public var description: String { "private seal key \(id)" }
    /// Shows no children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
