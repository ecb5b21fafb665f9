/// What is wrong with a key ring; names lines and ids, never a key.
public enum PseudonymKeyRingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line is not `<id> <hex> active|retired`.
    case malformedLine(Int)
    /// The key on the line has fewer than 32 bytes.
    case keyTooShort(line: Int)
    /// The id stands on more than one line.
    case duplicateID(String)
    /// No key is active.
    case noActiveKey
    /// More than one key is active.
    case severalActiveKeys
    /// The random bytes for a new key are fewer than 32.
    case tooFewRandomBytes

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .malformedLine(let line):
            "Line \(line) of the key ring is not '<id> <hex> active|retired', the id as in k1: correct it."
        case .keyTooShort(let line):
            "The key on line \(line) of the key ring has fewer than 32 bytes: use 64 or more hex digits."
        case .duplicateID(let id):
            "The key ring holds the id \(id) twice: give each key its own id."
        case .noActiveKey:
            "The key ring has no active key: mark exactly one key active."
        case .severalActiveKeys:
            "The key ring has several active keys: mark all but one retired."
        case .tooFewRandomBytes:
            "A new pseudonym key needs at least 32 random bytes."
        }
    }
}
