/// Why a text could not be sealed or opened; holds nothing of what was sealed.
public enum SealError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The cryptographic library refused to seal.
    case notSealed
    /// It was sealed to another key.
    case otherKey(sealedTo: String, given: String)
    /// The text is damaged: it is no base64 of an encapsulated key and a ciphertext.
    case damaged
    /// The ciphertext or what it is bound to was changed.
    case notAuthentic
    /// It opens, but holds no request of the digest that its envelope names.
    case unknownContent

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .notSealed: "The body could not be sealed."
        case .otherKey(let sealedTo, let given):
            "It is sealed to the key \(sealedTo), and the private key is \(given): name the file of that key."
        case .damaged: "The sealed text is damaged: some of it is missing or changed."
        case .notAuthentic:
            "The sealed text does not open: it or its envelope's id, source or sha256 was changed."
        case .unknownContent: "What was sealed is no request of the digest that its envelope names."
        }
    }
}
