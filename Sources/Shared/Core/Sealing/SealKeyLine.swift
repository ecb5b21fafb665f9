import Crypto

/// The one line of a seal key's file: `growth-seal-public v1 <id> <64 hex digits>`.
///
/// Empty lines and what follows a `#` are ignored. The id is the beginning of the public key's SHA-256, so
/// that a text names its key, and a damaged file is noticed.
enum SealKeyLine {
    enum Half: String {
        case publicHalf = "growth-seal-public"
        case privateHalf = "growth-seal-private"
    }

    private static let version = "v1"
    private static let keyLength = 32
    /// Digits of an id.
    static let idLength = 16

    /// Reads the id and the key's bytes; whether they belong together is for the caller to check.
    static func read(_ text: String, as half: Half) throws(SealKeyError) -> (id: String, bytes: [UInt8]) {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" } }
            .filter { !$0.isEmpty }
        guard let words = lines.first else { throw .empty }
        guard let found = Half(rawValue: String(words[0])) else { throw .malformed }
        guard lines.count == 1 else { throw .severalLines }
        guard found == half else {
            throw half == .publicHalf ? .privateInsteadOfPublic : .publicInsteadOfPrivate
        }
        guard words.count == 4 else { throw .malformed }
        guard words[1] == version else { throw .unknownVersion }
        guard let bytes = HexDigits.decode(words[3]), bytes.count == keyLength else { throw .malformed }
        return (String(words[2]), bytes)
    }

    /// Returns the line, with its line break.
    static func text(_ half: Half, id: String, bytes: some Sequence<UInt8>) -> String {
        "\(half.rawValue) \(version) \(id) \(HexDigits.text(bytes))\n"
    }

    /// Returns the id of a public key.
    static func id(ofPublicKey bytes: some Sequence<UInt8>) -> String {
        let digest = SHA256.hash(data: Array(bytes))
        return String(HexDigits.text(digest).prefix(idLength))
    }
}
