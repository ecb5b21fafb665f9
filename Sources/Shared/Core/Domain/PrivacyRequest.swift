/// A request under a privacy law that a provider passed on.
public struct PrivacyRequest: Hashable, Sendable {
    /// What is asked for.
    public enum Kind: String, CaseIterable, Sendable {
        /// What is held on a customer, to be told within 30 days.
        case access = "ACCESS"
        /// The erasure of what is held on a customer.
        case erasure = "ERASURE"
        /// The erasure of what is held on all customers of an account.
        case accountErasure = "ACCOUNT_ERASURE"
    }

    /// The account that it concerns.
    public var account: AccountKey
    /// The provider's topic, such as `customers/redact`.
    public var topic: String
    /// What is asked for.
    public var kind: Kind
    /// The customer's pseudonyms, `h1:<key id>:<hex>`: of the e-mail address, the phone number and the id.
    public var customers: [String]
    /// The provider's ids of the orders that the request names.
    public var orders: [String]

    /// Creates a privacy request.
    public init(
        account: AccountKey,
        topic: String,
        kind: Kind,
        customers: [String] = [],
        orders: [String] = []
    ) {
        self.account = account
        self.topic = topic
        self.kind = kind
        self.customers = customers
        self.orders = orders
    }
}
