import Shared
import TestSupport

/// A ledger in memory that fails when told to, and knows every delivery by its envelope's id.
final class StoreDouble: LedgerStore {
    struct State {
        /// Ids of what is stored, in order.
        var stored: [String] = []
        /// How many transactions were tried.
        var transactions = 0
        /// Deliveries that break a rule of the database.
        var badIDs: Set<String> = []
        /// What the next transactions fail with.
        var failures: [StoreError] = []
    }

    static let unavailable = StoreError(code: .unavailable, message: "The database is locked.")
    static let incompatible = StoreError(code: .incompatible, message: "The database is another's.")

    private let state = Monitor(State())
    private let willCommit: @Sendable ([String]) -> Void
    private let didCommit: @Sendable ([String]) -> Void

    /// Creates an empty ledger that tells what it is asked to store, and what it has stored.
    init(
        willCommit: @escaping @Sendable ([String]) -> Void = { _ in },
        didCommit: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.willCommit = willCommit
        self.didCommit = didCommit
    }

    var now: State { state.withLock { $0 } }

    func change(_ body: (inout State) -> Void) {
        state.withLock { body(&$0) }
    }

    func commit(_ batch: [Delivery], at now: Timestamp) throws(StoreError) -> CommitReport {
        let ids = batch.map(\.envelope.id)
        willCommit(ids)
        let result: Result<CommitReport, StoreError> = state.withLock { state in
            state.transactions += 1
            if !state.failures.isEmpty { return .failure(state.failures.removeFirst()) }
            guard state.badIDs.isDisjoint(with: ids) else {
                return .failure(StoreError(code: .constraint, message: "A rule of the schema is broken."))
            }
            let known = Set(state.stored)
            let new = ids.filter { !known.contains($0) }
            state.stored += new
            return .success(CommitReport(stored: new.count, duplicates: ids.count - new.count))
        }
        let report = try result.get()
        didCommit(ids)
        return report
    }
}
