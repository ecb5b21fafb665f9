import Shared
import Synchronization

/// A store that is opened when it is first asked, and again after every failure to open it.
///
/// The dashboard may start before the worker has made the database; it then answers 503 until it is there.
final class LateReportStore: ReportStore {
    private let opened = Mutex<(any ReportStore)?>(nil)
    private let open: @Sendable () throws(StoreError) -> any ReportStore
    private let check: @Sendable (any ReportStore) throws(StoreError) -> Void

    /// - Parameters:
    ///   - open: Opens the store.
    ///   - check: Throws once an open store no longer reads what the others write.
    init(
        open: @escaping @Sendable () throws(StoreError) -> any ReportStore,
        check: @escaping @Sendable (any ReportStore) throws(StoreError) -> Void = { _ in }
    ) {
        self.open = open
        self.check = check
    }

    /// Throws once the store, if it is open, no longer reads what the others write.
    func checkStore() throws(StoreError) {
        guard let store = opened.withLock({ $0 }) else { return }
        try check(store)
    }

    private func store() throws(StoreError) -> any ReportStore {
        try opened.withLock { opened throws(StoreError) in
            if let opened { return opened }
            let store = try open()
            opened = store
            return store
        }
    }

    func versions() async throws(StoreError) -> ReportVersions {
        try await store().versions()
    }

    func days(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) async throws(StoreError) -> [DayFigures] {
        try await store().days(in: range, scope: scope)
    }

    func netRevenue(
        on date: BusinessDate,
        until instant: Timestamp,
        scope: ReportScope
    ) async throws(StoreError) -> Int64 {
        try await store().netRevenue(on: date, until: instant, scope: scope)
    }

    func products(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope,
        limit: Int
    ) async throws(StoreError) -> ProductSales {
        try await store().products(in: range, scope: scope, limit: limit)
    }

    func shares(of date: BusinessDate) async throws(StoreError) -> [RevenueShare] {
        try await store().shares(of: date)
    }

    func firstDay() async throws(StoreError) -> BusinessDate? {
        try await store().firstDay()
    }

    func signals(at now: Timestamp) async throws(StoreError) -> [SourceSignal] {
        try await store().signals(at: now)
    }

    func lastEvaluation() async throws(StoreError) -> Timestamp? {
        try await store().lastEvaluation()
    }

    func alerts(onlyOpen: Bool, limit: Int, before: Int64?) async throws(StoreError) -> [Alert] {
        try await store().alerts(onlyOpen: onlyOpen, limit: limit, before: before)
    }

    func acknowledge(
        alert id: Int64,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try await store().acknowledge(alert: id, by: person, at: now)
    }

    func snooze(
        alert id: Int64,
        until: Timestamp,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try await store().snooze(alert: id, until: until, by: person, at: now)
    }
}
