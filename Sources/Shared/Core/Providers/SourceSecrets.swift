/// A secret: it prints as `<redacted>` wherever it is printed.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret's bytes.
    public let bytes: [UInt8]
    /// The secret as the key of codes, prepared once.
    let digest: KeyedDigest

    /// Creates a secret from bytes.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
        digest = KeyedDigest(key: bytes)
    }

    /// Whether two secrets have the same bytes.
    public static func == (lhs: Secret, rhs: Secret) -> Bool { lhs.bytes == rhs.bytes }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }

    /// Creates a secret from the UTF-8 bytes of text.
    public init(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8))
    }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Shows no children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The secrets that verify the webhooks of one source; any of them may.
public struct SourceSecrets: Sendable {
    /// The secrets, in the order in which they are configured; their indexes appear in envelopes.
    public var secrets: [Secret]
    /// The user name of Shopier's OSB, which is part of the signed text.
    public var osbUser: String?
    /// The password of Shopier's OSB, which is the key.
    public var osbPassword: Secret?
    /// The provider's accounts whose deliveries are taken, in lower case; empty for any.
    public var accounts: [String]

    /// Creates a set of secrets.
    public init(
        secrets: [Secret] = [],
        osbUser: String? = nil,
        osbPassword: Secret? = nil,
        accounts: [String] = []
    ) {
        self.secrets = secrets
        self.osbUser = osbUser
        self.osbPassword = osbPassword
        self.accounts = accounts
    }

    /// Whether anything is configured that a delivery has to prove.
    public var isSecret: Bool { !secrets.isEmpty || osbPassword != nil }

    /// Returns what is left of a verdict over the body, where the account stands in a header that nothing
    /// signs: a delivery of an account that is not configured is not verified.
    func verdict(_ verdict: SignatureVerdict, ofAccount account: String) -> SignatureVerdict {
        if case .failed = verdict { return verdict }
        return accounts.isEmpty || accounts.contains(account.lowercased()) ? verdict : .failed(.otherAccount)
    }
}
