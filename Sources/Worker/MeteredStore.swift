import Shared

/// A database whose transactions are measured.
struct MeteredStore: LedgerStore {
    /// The database.
    let inner: any LedgerStore
    /// Where the measurements go.
    let metrics: WorkerMetrics
    /// Tells the time.
    let clock: any WallClock

    func commit(_ batch: [Delivery], at now: Timestamp) throws(StoreError) -> CommitReport {
        let start = ContinuousClock.now
        let report: CommitReport
        do {
            report = try inner.commit(batch, at: now)
        } catch {
            metrics.commitFailed(error.code)
            throw error
        }
        let done = clock.now.milliseconds
        metrics.committed(
            seconds: (ContinuousClock.now - start) / .seconds(1),
            waits: batch.map {
                Double(done.subtractingReportingOverflow($0.envelope.receivedAt.milliseconds).0) / 1000
            }
        )
        return report
    }
}
