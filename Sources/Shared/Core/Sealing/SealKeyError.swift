/// What is wrong with the text of a seal key; names no part of the key.
public enum SealKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no line that holds a key.
    case empty
    /// There is more than one line.
    case severalLines
    /// The line is not `growth-seal-public|private v1 <id> <64 hex digits>`.
    case malformed
    /// The key is of a later version of the format.
    case unknownVersion
    /// The private half stands where the public one is wanted.
    case privateInsteadOfPublic
    /// The public half stands where the private one is wanted.
    case publicInsteadOfPrivate
    /// The id is not that of the key: a digit was changed or lost.
    case wrongID
    /// The bytes are no key that anything can be sealed to.
    case unusable

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .empty: "It holds no key. Make a pair: growthctl sealed keygen"
        case .severalLines: "It holds more than one line: a seal key is one line."
        case .malformed:
            "It is no seal key, whose one line is 'growth-seal-public|private v1 <id> <64 hex digits>'."
        case .unknownVersion: "Its format is not v1: use the release that made it, or a newer one."
        case .privateInsteadOfPublic:
            "It holds the private half of a seal key: name the file of the public half, and move this one to "
                + "another machine."
        case .publicInsteadOfPrivate:
            "It holds the public half of a seal key, which opens nothing: name the file of the private half."
        case .wrongID: "The id is not that of the key: it was changed or cut; fetch the file anew."
        case .unusable:
            "Its bytes are no X25519 key that can be sealed to. Make a pair: growthctl sealed keygen"
        }
    }
}
