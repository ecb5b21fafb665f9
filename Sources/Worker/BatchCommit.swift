import Shared

/// Stores a prepared batch: a bad job is narrowed down and becomes dead, a broken database is waited for.
struct BatchCommit {
    /// What became of the batch.
    enum Result {
        /// Everything is stored; these jobs became dead on the way.
        case committed(CommitReport, dead: [PreparedBatch.Dead])
        /// The lane was told to stop, or lost its lease, before everything was stored.
        case abandoned
    }

    /// Where the batch goes.
    let store: any LedgerStore
    /// Tells the time.
    let clock: any WallClock
    /// Waits after a failure that is nobody's fault; returns false to give up.
    let waitBeforeRetry: (_ error: StoreError, _ failures: Int) -> Bool
    /// Asked after every transaction that another one follows; false gives up.
    let mayGoOn: () -> Bool
    /// Called after every successful transaction.
    let worked: () -> Void

    /// Stores the items; at most 2·log2 n transactions more per job that breaks a rule of the database.
    ///
    /// - Parameter items: What is to be stored.
    /// - Returns: What became of it.
    /// - Throws: ``StoreError`` with code `incompatible`, which no waiting mends.
    func run(_ items: [PreparedBatch.Item]) throws(StoreError) -> Result {
        var report = CommitReport()
        var dead: [PreparedBatch.Dead] = []
        var parts = items.isEmpty ? [] : [items[...]]
        var failures = 0
        while let part = parts.popLast() {
            do {
                report.add(try store.commit(part.map(\.delivery), at: clock.now))
                failures = 0
                worked()
            } catch {
                switch error.code {
                case .incompatible: throw error
                case .unavailable:
                    failures += 1
                    guard waitBeforeRetry(error, failures) else { return .abandoned }
                    parts.append(part)
                case .constraint where part.count == 1:
                    let reason = DeadReason.storeConstraint(error.message)
                    dead += part.map { .init(index: $0.index, reason: reason) }
                case .constraint:
                    let middle = part.startIndex + part.count / 2
                    parts.append(part[middle...])
                    parts.append(part[..<middle])
                }
            }
            guard parts.isEmpty || mayGoOn() else { return .abandoned }
        }
        return .committed(report, dead: dead)
    }
}

extension CommitReport {
    /// Adds what another commit did.
    mutating func add(_ other: CommitReport) {
        stored += other.stored
        duplicates += other.duplicates
        entries += other.entries
        dates.formUnion(other.dates)
    }
}
