/// The keys under which personal data is pseudonymised: one active, the others retired.
///
/// Its file has one key per line, `k1 <hex of 32 or more bytes> active`, where the last word is `active` or
/// `retired`; empty lines and what follows a `#` are ignored. Printing a ring or a key shows no key.
public struct PseudonymKeyRing: Sendable {
    /// One key.
    public struct Key: Sendable {
        /// The key's id, such as `k1`; it is part of every pseudonym.
        public let id: String
        /// Whether new pseudonyms are made with it.
        public let isActive: Bool
        let secret: Secret
    }

    /// The fewest bytes of a key: the output size of SHA-256 (RFC 2104 section 3).
    public static let minimumKeyLength = 32

    /// The keys in the order of the file.
    public let keys: [Key]
    /// The key that makes new pseudonyms.
    public let activeKey: Key

    /// The id of the active key, such as `k1`.
    public var activeKeyID: String { activeKey.id }

    private init(keys: [Key]) throws(PseudonymKeyRingError) {
        var ids: Set<String> = []
        for key in keys where !ids.insert(key.id).inserted { throw .duplicateID(key.id) }
        guard let active = keys.first(where: \.isActive) else { throw .noActiveKey }
        guard keys.count(where: \.isActive) == 1 else { throw .severalActiveKeys }
        self.keys = keys
        activeKey = active
    }

    /// Reads the text of a key-ring file.
    public init(text: String) throws(PseudonymKeyRingError) {
        var keys: [Key] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            if words.isEmpty { continue }
            keys.append(try Self.key(words, line: index + 1))
        }
        try self.init(keys: keys)
    }

    /// Makes a ring of one active key `k1`.
    public static func generate(randomBytes: [UInt8]) throws(PseudonymKeyRingError) -> PseudonymKeyRing {
        guard randomBytes.count >= minimumKeyLength else { throw .tooFewRandomBytes }
        return try PseudonymKeyRing(keys: [Key(id: "k1", isActive: true, secret: Secret(bytes: randomBytes))])
    }

    /// Returns a ring whose active key is new, with the next free id; the keys so far are retired.
    public func rotated(randomBytes: [UInt8]) throws(PseudonymKeyRingError) -> PseudonymKeyRing {
        guard randomBytes.count >= Self.minimumKeyLength else { throw .tooFewRandomBytes }
        let last = keys.compactMap { Int($0.id.dropFirst()) }.max() ?? 0
        let retired = keys.map { Key(id: $0.id, isActive: false, secret: $0.secret) }
        let fresh = Key(id: "k\(last + 1)", isActive: true, secret: Secret(bytes: randomBytes))
        return try PseudonymKeyRing(keys: retired + [fresh])
    }

    /// Returns the text of the ring's file.
    ///
    /// It holds the keys in clear: write it only to a file that nobody else can read.
    public func serialized() -> String {
        keys.map { key in
            "\(key.id) \(HexDigits.text(key.secret.bytes)) \(key.isActive ? "active" : "retired")\n"
        }.joined()
    }

    private static func key(_ words: [Substring], line: Int) throws(PseudonymKeyRingError) -> Key {
        guard words.count == 3, isID(words[0]), let bytes = HexDigits.decode(words[1]),
            words[2] == "active" || words[2] == "retired"
        else { throw .malformedLine(line) }
        guard bytes.count >= minimumKeyLength else { throw .keyTooShort(line: line) }
        return Key(id: String(words[0]), isActive: words[2] == "active", secret: Secret(bytes: bytes))
    }

    /// Whether the word is `k` and a number of up to six digits that does not begin with 0.
    private static func isID(_ word: Substring) -> Bool {
        let digits = word.utf8.dropFirst()
        return word.utf8.first == UInt8(ascii: "k") && (1...6).contains(digits.count)
            && digits.first != UInt8(ascii: "0") && digits.allSatisfy { 0x30...0x39 ~= $0 }
    }
}
