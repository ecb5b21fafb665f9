/// The name of a source of webhooks: lower-case ASCII letters, digits, `-` and `_`, 1 to 64 bytes.
///
/// It is part of Redis keys and of rows, hence the narrow alphabet.
public struct SourceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name itself.
    public let name: String

    /// Creates a name, or nil outside the alphabet; upper-case ASCII letters are lower-cased.
    public init?(_ name: some StringProtocol) {
        guard (1...64).contains(name.utf8.count) else { return nil }
        var hasCapitals = false
        for byte in name.utf8 {
            switch byte {
            case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): continue
            case 0x41...0x5A: hasCapitals = true
            default: return nil
            }
        }
        self.name = hasCapitals ? name.lowercased() : String(name)
    }

    /// Creates a name that the program itself states.
    ///
    /// - Precondition: The name lies in the alphabet.
    public init(literal name: StaticString) {
        guard let source = SourceID(name.description) else {
            preconditionFailure(
                "\(name) is not a source name: use lower-case ASCII letters, digits, - and _."
            )
        }
        self = source
    }

    /// Orders names by their bytes.
    public static func < (lhs: SourceID, rhs: SourceID) -> Bool {
        lhs.name < rhs.name
    }

    /// The name itself.
    public var description: String { name }
}

/// One account of a source: a shop domain, an account id, or the name of a generic source; may be empty.
public struct AccountKey: Hashable, Sendable {
    /// The source.
    public let source: SourceID
    /// The account as the provider names it; empty when the provider names none.
    public let account: String

    /// Creates the key of an account.
    public init(source: SourceID, account: String) {
        self.source = source
        self.account = account
    }
}

/// The identity of an order: unique over all sources.
public struct OrderKey: Hashable, Sendable {
    /// The account to which the order belongs.
    public let account: AccountKey
    /// The provider's own order id.
    public let externalID: String

    /// Creates the key of an order.
    public init(account: AccountKey, externalID: String) {
        self.account = account
        self.externalID = externalID
    }
}
