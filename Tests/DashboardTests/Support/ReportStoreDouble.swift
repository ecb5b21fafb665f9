import Shared
import Synchronization

/// A report store in memory: what it holds, and what it was asked.
final class ReportStoreDouble: ReportStore {
    struct State: Sendable {
        var versions = ReportVersions(data: 1, alerts: 1)
        var days: [DayFigures] = []
        var untilNow: Int64 = 0
        var firstDay: BusinessDate?
        var products = ProductSales()
        var shares: [RevenueShare] = []
        var productRanges: [ClosedRange<BusinessDate>] = []
        var signals: [SourceSignal] = []
        var lastEvaluation: Timestamp?
        var alerts: [Alert] = []
        var failure: StoreError?
        /// The failure of what is asked about products, while the rest answers.
        var productsFailure: StoreError?
        /// How often the versions were asked for, with which every report begins.
        var versionsAsked = 0
        /// What happens before the versions are asked for the n-th time.
        var events: [Int: @Sendable (inout State) -> Void] = [:]
        var scopes: [ReportScope] = []
        var ranges: [ClosedRange<BusinessDate>] = []
        var instants: [Timestamp] = []
    }

    private let state: Mutex<State>

    init(_ state: State = State()) {
        self.state = Mutex(state)
    }

    func change(_ work: (inout State) -> Void) {
        state.withLock { work(&$0) }
    }

    var current: State { state.withLock { $0 } }

    private func read<Value: Sendable>(_ work: (inout State) -> Value) throws(StoreError) -> Value {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            return work(&state)
        }
    }

    func versions() async throws(StoreError) -> ReportVersions {
        try read { state in
            state.versionsAsked += 1
            state.events[state.versionsAsked]?(&state)
            return state.versions
        }
    }

    func days(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope
    ) async throws(StoreError) -> [DayFigures] {
        try read { state in
            state.scopes.append(scope)
            state.ranges.append(range)
            return state.days.filter { range.contains($0.date) }
        }
    }

    func netRevenue(
        on date: BusinessDate,
        until instant: Timestamp,
        scope: ReportScope
    ) async throws(StoreError) -> Int64 {
        try read { state in
            state.instants.append(instant)
            return state.untilNow
        }
    }

    func products(
        in range: ClosedRange<BusinessDate>,
        scope: ReportScope,
        limit: Int
    ) async throws(StoreError) -> ProductSales {
        if let failure = current.productsFailure { throw failure }
        return try read { state in
            state.productRanges.append(range)
            state.scopes.append(scope)
            var sales = state.products
            sales.products = Array(sales.products.prefix(limit))
            return sales
        }
    }

    func shares(of date: BusinessDate) async throws(StoreError) -> [RevenueShare] {
        try read { $0.shares }
    }

    func firstDay() async throws(StoreError) -> BusinessDate? {
        try read { $0.firstDay }
    }

    func signals(at now: Timestamp) async throws(StoreError) -> [SourceSignal] {
        try read { $0.signals }
    }

    func lastEvaluation() async throws(StoreError) -> Timestamp? {
        try read { $0.lastEvaluation }
    }

    func alerts(onlyOpen: Bool, limit: Int, before: Int64?) async throws(StoreError) -> [Alert] {
        try read { state in
            let found = state.alerts.filter { alert in
                (!onlyOpen || alert.state == .firing) && before.map { alert.id < $0 } ?? true
            }
            return Array(found.sorted { $0.id > $1.id }.prefix(limit))
        }
    }

    func acknowledge(
        alert id: Int64,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try change(alert: id) { alert in
            alert.acknowledgedAt = now
            alert.acknowledgedBy = person
        }
    }

    func snooze(
        alert id: Int64,
        until: Timestamp,
        by person: String,
        at now: Timestamp
    ) async throws(StoreError) -> AlertChange {
        try change(alert: id) { $0.snoozedUntil = until }
    }

    private func change(alert id: Int64, _ work: (inout Alert) -> Void) throws(StoreError) -> AlertChange {
        try read { state in
            guard let index = state.alerts.firstIndex(where: { $0.id == id }) else { return .notFound }
            guard state.alerts[index].state == .firing else { return .resolved }
            work(&state.alerts[index])
            state.versions.alerts += 1
            return .changed(state.alerts[index])
        }
    }
}
