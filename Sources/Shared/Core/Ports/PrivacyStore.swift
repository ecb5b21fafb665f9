/// The database's view of who answers privacy requests.
public protocol PrivacyStore: Sendable {
    /// Returns requests, the one that is due first at the head.
    func privacyRequests(onlyOpen: Bool) throws(StoreError) -> [StoredPrivacyRequest]

    /// Returns what is held on the subject of a request, pseudonymised; nil when there is no such request, or
    /// its subject was forgotten with its end.
    func held(for request: Int64) throws(StoreError) -> HeldData?

    /// Returns whom a request would have erased; nil when there is no such request, when it is done, and when
    /// it asks for no erasure.
    func openErasure(of request: Int64) throws(StoreError) -> OpenErasure?

    /// Ends a request: erases what it asks to erase, and forgets its subject.
    ///
    /// One for an account without a name erases nothing. Ending it twice changes nothing. Returns nil when
    /// there is no such request.
    func fulfil(request id: Int64, by actor: String, at now: Timestamp) throws(StoreError) -> ErasureReport?

    /// Erases what is held on a subject, and puts tombstones in its place before.
    ///
    /// Looks for the pseudonyms inside of stored bodies too. `isDry` only counts. What is broken off is
    /// finished by the same erasure again, as long as the bodies by which it found orders are kept.
    func erase(
        _ subject: ErasureSubject,
        by actor: String,
        isDry: Bool,
        at now: Timestamp
    ) throws(StoreError) -> ErasureReport

    /// Returns every tombstone that was put up at an instant or later, oldest first.
    func tombstones(since instant: Timestamp) throws(StoreError) -> [Tombstone]

    /// Puts up tombstones and erases what they stand for: for a database that was restored from a backup.
    func reapply(
        _ tombstones: [Tombstone],
        by actor: String,
        at now: Timestamp
    ) throws(StoreError)
        -> ErasureReport
}

/// Whom an erasure is about.
public struct ErasureSubject: Hashable, Sendable {
    /// Pseudonyms, under every key that may have made one.
    public var customers: Set<String>
    /// Orders that are named.
    public var orders: Set<OrderKey>

    /// Creates a subject.
    public init(customers: Set<String> = [], orders: Set<OrderKey> = []) {
        self.customers = customers
        self.orders = orders
    }
}

/// What an erasure did.
public struct ErasureReport: Hashable, Sendable {
    /// The request that it fulfilled; nil for an operator's own.
    public var request: Int64?
    /// Orders that lost their customer.
    public var orders: Int
    /// Deliveries that lost their body.
    public var deliveries: Int

    /// Creates a report.
    public init(request: Int64? = nil, orders: Int = 0, deliveries: Int = 0) {
        self.request = request
        self.orders = orders
        self.deliveries = deliveries
    }
}

/// A privacy request as it stands.
public struct StoredPrivacyRequest: Hashable, Sendable {
    /// Its number.
    public var id: Int64
    /// The account that it concerns.
    public var account: AccountKey
    /// The provider's topic.
    public var topic: String
    /// What is asked for.
    public var kind: PrivacyRequest.Kind
    /// Whether its signature was verified; erasures that were not wait for an operator.
    public var isVerified: Bool
    /// When it came in.
    public var receivedAt: Timestamp
    /// Until when it must be answered.
    public var dueAt: Timestamp
    /// When it was answered.
    public var doneAt: Timestamp?
    /// Orders that its erasure reached.
    public var orders: Int?
    /// Deliveries that its erasure reached.
    public var deliveries: Int?

    /// How long an answer may take, in milliseconds: 30 days.
    ///
    /// KVKK article 13; the GDPR's article 12 gives a month.
    public static let answerWithin: Int64 = 30 * 86_400_000

    /// Creates a request.
    public init(
        id: Int64,
        account: AccountKey,
        topic: String,
        kind: PrivacyRequest.Kind,
        isVerified: Bool,
        receivedAt: Timestamp,
        dueAt: Timestamp,
        doneAt: Timestamp? = nil,
        orders: Int? = nil,
        deliveries: Int? = nil
    ) {
        self.id = id
        self.account = account
        self.topic = topic
        self.kind = kind
        self.isVerified = isVerified
        self.receivedAt = receivedAt
        self.dueAt = dueAt
        self.doneAt = doneAt
        self.orders = orders
        self.deliveries = deliveries
    }
}

/// What is held on the subject of a request.
public struct HeldData: Hashable, Sendable {
    /// One order.
    public struct Order: Hashable, Sendable {
        /// The order's identity.
        public var key: OrderKey
        /// The merchant's number.
        public var number: String?
        /// The currency of the total.
        public var currency: String?
        /// The total in minor units.
        public var totalMinor: Int64?
        /// When it was placed.
        public var placedAt: Timestamp?
        /// Payment status.
        public var financialStatus: String?
        /// Fulfilment status.
        public var fulfillmentStatus: String?
        /// The customer's pseudonym.
        public var customer: String?

        /// Creates an order.
        public init(key: OrderKey) {
            self.key = key
        }
    }

    /// One delivery whose body is kept.
    public struct Delivery: Hashable, Sendable {
        /// The envelope's id.
        public var envelopeID: String
        /// The topic.
        public var topic: String
        /// When it came in.
        public var receivedAt: Timestamp
        /// The pseudonymised body, JSON.
        public var body: [UInt8]

        /// Creates a delivery.
        public init(envelopeID: String, topic: String, receivedAt: Timestamp, body: [UInt8]) {
            self.envelopeID = envelopeID
            self.topic = topic
            self.receivedAt = receivedAt
            self.body = body
        }
    }

    /// The orders, oldest first.
    public var orders: [Order]
    /// The deliveries, oldest first.
    public var deliveries: [Delivery]

    /// Creates the data.
    public init(orders: [Order] = [], deliveries: [Delivery] = []) {
        self.orders = orders
        self.deliveries = deliveries
    }
}
