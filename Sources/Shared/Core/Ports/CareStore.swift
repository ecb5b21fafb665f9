/// The database's view of who looks after it: retention, erasures that were asked for, verification.
public protocol CareStore: Sendable {
    /// Deletes bodies, and what names their customers, of deliveries that were received before an instant.
    ///
    /// One small transaction; the digest of a body stays. Returns how many deliveries it was; less than
    /// `limit` when nothing is left to do.
    func purgeBodies(receivedBefore cutoff: Timestamp, limit: Int) throws(StoreError) -> Int

    /// Returns the open erasure that is due first of those that a provider asked for with a valid signature;
    /// nil when none is, beside requests that have to wait.
    func openErasure(besides waiting: Set<Int64>) throws(StoreError) -> OpenErasure?

    /// Fulfils an erasure and closes its request.
    ///
    /// What is held on a customer goes in one transaction; that on a whole account page by page, as long as
    /// `mayGoOn`. Returns nil when it was told to stop; what was begun is taken up again.
    func fulfil(
        _ erasure: OpenErasure,
        at now: Timestamp,
        mayGoOn: () -> Bool
    ) throws(StoreError) -> ErasureReport?

    /// Returns when the first of the open privacy requests is due; nil when none is open.
    func privacyRequestDue() throws(StoreError) -> Timestamp?

    /// Returns which currencies the last days leave out, and how old the rates of the others are.
    func rateCondition(at now: Timestamp) throws(StoreError) -> RateCondition

    /// Clears one page of PENDING entries that the rules clear, in one transaction.
    ///
    /// Returns what it did and where the next page begins; nil there after the last one. A page that clears
    /// nothing writes nothing.
    func clear(
        by rules: ClearingRules,
        from place: ClearingPlace?,
        limit: Int,
        at now: Timestamp
    ) throws(StoreError) -> ClearingPage

    /// Checks the ledger's invariants, page by page, as long as `mayGoOn`.
    ///
    /// Blocks no writer. Returns what contradicts them; nil when it was told to stop.
    func verify(mayGoOn: () -> Bool) throws(StoreError) -> [InvariantBreach]?

    /// Returns what the last verification found that was noted; nil when there was none.
    func lastVerification() throws(StoreError) -> Verification?

    /// Notes what a verification found.
    func note(_ verification: Verification) throws(StoreError)
}

/// A request to erase that is not fulfilled yet.
public struct OpenErasure: Hashable, Sendable {
    /// Whom it reaches beside the database.
    public enum Scope: Hashable, Sendable {
        /// Customers, by every pseudonym that is known of them.
        case customers(Set<String>)
        /// Everybody in an account.
        case account(AccountKey)
    }

    /// The request's number.
    public var request: Int64
    /// The source whose provider asked for it.
    public var source: SourceID
    /// Whom it reaches.
    public var scope: Scope

    /// Creates an erasure.
    public init(request: Int64, source: SourceID, scope: Scope) {
        self.request = request
        self.source = source
        self.scope = scope
    }
}

/// Something that contradicts an invariant of the ledger.
public struct InvariantBreach: Hashable, Sendable {
    /// The invariant's number in docs/ledger-checks.md: `I3` is the cube.
    public var invariant: String
    /// Which rows contradict it: ids and names, no amounts.
    public var subject: String

    /// Creates a breach.
    public init(invariant: String, subject: String) {
        self.invariant = invariant
        self.subject = subject
    }
}

/// What a verification of the ledger found.
public struct Verification: Hashable, Sendable {
    /// When it ended.
    public var at: Timestamp
    /// How many contradictions there were.
    public var violations: Int

    /// Creates a result.
    public init(at: Timestamp, violations: Int) {
        self.at = at
        self.violations = violations
    }
}

/// Where a page of PENDING entries begins: after an entry of a day, a source and a currency.
public struct ClearingPlace: Hashable, Sendable {
    /// The business day.
    public var date: BusinessDate
    /// The source.
    public var source: SourceID
    /// The currency.
    public var currency: Currency
    /// The id of the last entry that was looked at; 0 for none.
    public var entry: Int64

    /// Creates a place.
    public init(date: BusinessDate, source: SourceID, currency: Currency, entry: Int64) {
        self.date = date
        self.source = source
        self.currency = currency
        self.entry = entry
    }
}

/// What a page of clearing did.
public struct ClearingPage: Hashable, Sendable {
    /// Entries that were cleared.
    public var cleared: Int
    /// Where the next page begins; nil when there is none.
    public var next: ClearingPlace?

    /// Creates a page.
    public init(cleared: Int, next: ClearingPlace?) {
        self.cleared = cleared
        self.next = next
    }
}
