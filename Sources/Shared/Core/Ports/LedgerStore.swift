/// The worker's view of the database: everything that one batch says goes in with one transaction.
public protocol LedgerStore: Sendable {
    /// Writes a batch: inbox, orders, snapshots, ledger entries, SKUs, payouts, the daily cube and the days
    /// of the metric, in one transaction; after it returns, all of it is durable.
    ///
    /// Deliveries that the inbox already holds are duplicates and change nothing.
    ///
    /// - Throws: ``StoreError``; nothing of the batch is stored then.
    func commit(_ batch: [Delivery], at now: Timestamp) throws(StoreError) -> CommitReport
}

/// One delivery, normalised, ready to be written.
public struct Delivery: Sendable {
    /// The envelope; its body is stored with the inbox row.
    public var envelope: Envelope
    /// What it says; nil when it became a dead letter, which the inbox notes as quarantined.
    public var normalized: Normalized?
    /// Why it became a dead letter.
    public var rejection: DeadReason?

    /// Creates a delivery that was normalised.
    public init(envelope: Envelope, normalized: Normalized) {
        self.envelope = envelope
        self.normalized = normalized
        self.rejection = nil
    }

    /// Creates a delivery that became a dead letter.
    public init(envelope: Envelope, rejection: DeadReason) {
        self.envelope = envelope
        self.normalized = nil
        self.rejection = rejection
    }
}

/// What a commit did.
public struct CommitReport: Hashable, Sendable {
    /// Deliveries that were new.
    public var stored: Int
    /// Deliveries that the inbox already held.
    public var duplicates: Int
    /// Ledger entries posted.
    public var entries: Int
    /// Days whose figures changed.
    public var dates: Set<BusinessDate>

    /// Creates a report.
    public init(stored: Int = 0, duplicates: Int = 0, entries: Int = 0, dates: Set<BusinessDate> = []) {
        self.stored = stored
        self.duplicates = duplicates
        self.entries = entries
        self.dates = dates
    }
}

/// The database could not do what was asked.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Hashable, Sendable {
        /// Another process holds the write lock, or the disk is full, or the connection broke: try again.
        case unavailable
        /// The data broke a rule of the schema: one job of the batch is bad.
        case constraint
        /// The database is of another version or damaged: an operator must act.
        case incompatible
    }

    /// What kind of failure it is.
    public let code: Code
    /// What failed, and what to do; holds no data.
    public let message: String

    /// Creates an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
