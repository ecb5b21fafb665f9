import GRDB
public import Shared

extension SQLiteStore: LedgerStore {
    /// Writes a batch in one transaction; after it returns, all of it is durable.
    ///
    /// - Throws: ``StoreError``: `incompatible` when the file was deleted or replaced, `unavailable` when
    ///   another process kept the write lock or the disk is full, `constraint` when a message breaks a rule
    ///   of the schema or its sums overflow; nothing is stored then.
    public func commit(_ batch: [Delivery], at now: Timestamp) throws(StoreError) -> CommitReport {
        guard !batch.isEmpty else { return CommitReport() }
        return try write { db in
            let writer = try BatchWriter(db, configuration: configuration, now: now)
            return try writer.write(batch)
        }
    }
}
