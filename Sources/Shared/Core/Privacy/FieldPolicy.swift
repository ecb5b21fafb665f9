/// The allow-list of one kind of document: what is kept, what is pseudonymised; everything else is dropped.
///
/// Compiling it costs some milliseconds at most; make each policy once, as a `static let`.
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

    /// What a policy consists of; shared, because a policy is handed on with every request.
    private final class Storage: Sendable {
        let version: Int
        let keep: [String]
        let keepText: [String]
        let pseudonymise: [(path: String, identity: Identity)]
        let captures: [String]
        let trie: PolicyTrie

        init(
            version: Int,
            keep: [String],
            keepText: [String],
            pseudonymise: [(path: String, identity: Identity)],
            captures: [String]
        ) {
            self.version = version
            self.keep = keep
            self.keepText = keepText
            self.pseudonymise = pseudonymise
            self.captures = captures
            var compiler = PolicyCompiler()
            for path in keep { compiler.add(path, action: .keep) }
            for path in keepText { compiler.add(path, action: .keepText) }
            for (order, entry) in pseudonymise.enumerated() {
                compiler.add(entry.path, action: PolicyTrie.Action(entry.identity), order: order)
            }
            for (index, path) in captures.enumerated() { compiler.add(path, capture: index) }
            trie = compiler.compile()
        }
    }

    private let storage: Storage

    /// Grows with every change of the list.
    public var version: Int { storage.version }
    /// Paths of kept ids, amounts, dates and statuses.
    public var keep: [String] { storage.keep }
    /// Paths of kept text that people write, such as titles.
    public var keepText: [String] { storage.keepText }
    /// Paths of identities, the most telling first.
    public var pseudonymise: [(path: String, identity: Identity)] { storage.pseudonymise }
    /// Paths of kept scalars whose text the caller wants to see.
    public var captures: [String] { storage.captures }
    var trie: PolicyTrie { storage.trie }

    /// Creates an allow-list.
    ///
    /// A path names keys from the root, separated by `.`; `[]` after a key stands for every element of an
    /// array (at the root: `[]` alone), `*` for any one key. Examples: `total_price`, `line_items[].price`,
    /// `total_price_set.*.amount`, `[].id`. A path that several entries match is pseudonymised if any says
    /// so, else kept as text if any says so. What is a container at such a path is walked as if it were on no
    /// list, except for longer paths through it.
    ///
    /// - Parameters:
    ///   - version: Grows with every change of the list.
    ///   - keep: Paths of ids, amounts, dates, statuses: numbers are kept whole, and a string when it is one
    ///     token of at most 255 of the characters `0-9 A-Z a-z . _ : / # + -`, a date, an amount, or a short
    ///     label below a key that ``KeptForm`` names. Every other string, and one that is an IBAN, an IP
    ///     address, a card or a phone number, becomes a pseudonym as a whole.
    ///   - keepText: Paths of text: the value rules replace each e-mail address, phone number, card number,
    ///     IBAN and IP address in it, and a number is kept only when it has at most 8 digits.
    ///   - pseudonymise: Paths of identities, the most telling first.
    ///   - captures: Paths of kept scalars whose text the caller wants to see; where a path matches several
    ///     values, the last.
    /// - Precondition: Every path has the form above.
    public init(
        version: Int,
        keep: [String],
        keepText: [String] = [],
        pseudonymise: [(path: String, identity: Identity)],
        captures: [String] = []
    ) {
        storage = Storage(
            version: version,
            keep: keep,
            keepText: keepText,
            pseudonymise: pseudonymise,
            captures: captures
        )
    }
}
