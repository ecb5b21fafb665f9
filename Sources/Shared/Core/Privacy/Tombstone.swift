import Crypto

/// What stays of something that was erased: enough to know it when it comes back, not enough to tell it.
///
/// It is a SHA-256: of a customer's pseudonym, which is keyed already, or of the names of an order or an
/// account. As a line of text it is `t1 customer <64 hex digits> 2026-11-25T10:00:00.000Z`.
public struct Tombstone: Hashable, Sendable {
    /// What was erased.
    public enum Kind: String, CaseIterable, Sendable {
        /// A customer, by a pseudonym.
        case customer
        /// An order, by source, account and id.
        case order
        /// An account, by source and name: what happened there up to the time of the tombstone.
        case account
    }

    /// What was erased.
    public let kind: Kind
    /// 64 lower-case hex digits.
    public let digest: String
    /// When it was erased.
    public let at: Timestamp

    private init(_ kind: Kind, _ parts: [String], at: Timestamp) {
        self.kind = kind
        self.at = at
        let message = (["growth/v1", "tombstone", kind.rawValue] + parts).joined(separator: "\0")
        digest = HexDigits.text(SHA256.hash(data: Array(message.utf8)))
    }

    /// The tombstone of a customer.
    public static func customer(_ pseudonym: String, at: Timestamp) -> Tombstone {
        Tombstone(.customer, [pseudonym], at: at)
    }

    /// The tombstone of an order.
    public static func order(_ key: OrderKey, at: Timestamp) -> Tombstone {
        Tombstone(.order, [key.account.source.name, key.account.account, key.externalID], at: at)
    }

    /// The tombstone of an account.
    public static func account(_ key: AccountKey, at: Timestamp) -> Tombstone {
        Tombstone(.account, [key.source.name, key.account], at: at)
    }

    /// Creates a tombstone that was stored; nil when the digest is none.
    public init?(kind: Kind, digest: String, at: Timestamp) {
        let isHex = digest.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        guard digest.utf8.count == 64, isHex else { return nil }
        self.kind = kind
        self.digest = digest
        self.at = at
    }

    /// The tombstone as a line of text, without a line break.
    public var line: String { "t1 \(kind.rawValue) \(digest) \(at)" }

    /// Reads a line of text; nil when it is none.
    public init?(line: some StringProtocol) {
        let words = line.split { $0 == " " || $0 == "\t" }
        guard words.count == 4, words[0] == "t1", let kind = Kind(rawValue: String(words[1])),
            let at = Timestamp(rfc3339: String(words[3]))
        else { return nil }
        self.init(kind: kind, digest: String(words[2]), at: at)
    }
}
