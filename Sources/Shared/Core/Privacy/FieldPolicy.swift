/// The allow-list of one kind of document: what is kept, what is pseudonymised; everything else is dropped.
public struct FieldPolicy: Sendable {
    /// What a pseudonymised field holds.
    public enum Identity: Hashable, Sendable {
        /// An e-mail address.
        case email
        /// A phone number.
        case phone
        /// The provider's customer id.
        case customerID
    }

    /// Creates an allow-list.
    ///
    /// A path names keys from the root, separated by `.`; `[]` after a key stands for every element of an array
    /// (at the root: `[]` alone), `*` for any one key. Examples: `total_price`, `line_items[].price`,
    /// `total_price_set.*.amount`, `[].id`.
    ///
    /// - Parameters:
    ///   - version: Grows with every change of the list.
    ///   - keep: Paths of scalars that are kept (their text still passes the value rules).
    ///   - pseudonymise: Paths of identities, the most telling first.
    ///   - captures: Paths of kept scalars whose text the caller wants to see.
    public init(
        version: Int, keep: [String], pseudonymise: [(path: String, identity: Identity)], captures: [String]
    ) {}
}
