import Shared

/// A world that the watchdog looks at: figures, signals, and the alerts that its own actions make.
struct WatchdogWorld {
    var days: [DayFigures] = []
    var firstDay: BusinessDate? = day("2026-09-01")
    var signals: [SourceSignal] = []
    var alerts: [Alert] = []
    var payouts: [PayoutBacklog] = []
    var configuration = WatchdogConfiguration()
    var startedAt = at("2026-11-01T00:00:00Z")

    mutating func set(_ date: String, _ minor: Int64, missing: [Currency] = []) {
        days.removeAll { $0.date == day(date) }
        days.append(DayFigures(date: day(date), pending: minor, missingRates: missing))
    }

    mutating func heard(_ source: String, _ time: String?) {
        guard let source = SourceID(source) else { fatalError("\(source) is no source.") }
        signals.removeAll { $0.source == source }
        let last = time.map { at($0) }
        signals.append(
            SourceSignal(source: source, firstReceivedAt: last, lastReceivedAt: last, countLastDay: 0)
        )
    }

    func actions(_ now: Timestamp) -> [WatchdogAction] {
        let observations = WatchdogObservations(
            days: days,
            firstDay: firstDay,
            signals: signals,
            openAlerts: alerts.filter { $0.state == .firing },
            resolvedFingerprints: Set(alerts.filter { $0.state == .resolved }.map(\.fingerprint)),
            payouts: payouts
        )
        return Watchdog.evaluate(
            observations,
            now: now,
            calendar: istanbul,
            configuration: configuration,
            startedAt: startedAt
        )
    }

    /// Evaluates, applies what was decided, and returns it.
    @discardableResult
    mutating func tick(_ now: String) -> [WatchdogAction] {
        tick(at(now))
    }

    /// Evaluates, applies what was decided, and returns it.
    @discardableResult
    mutating func tick(_ now: Timestamp) -> [WatchdogAction] {
        let actions = actions(now)
        for action in actions {
            switch action {
            case .open(var alert):
                alert.id = Int64(alerts.count + 1)
                alerts.append(alert)
            case .update(let id, let severity, let detail):
                for index in alerts.indices where alerts[index].id == id {
                    alerts[index].severity = severity
                    alerts[index].detail = detail
                }
            case .resolve(let id, let reason):
                for index in alerts.indices where alerts[index].id == id {
                    alerts[index].state = .resolved
                    alerts[index].resolvedAt = now
                    alerts[index].resolveReason = reason
                }
            }
        }
        return actions
    }

    var open: [String] { alerts.filter { $0.state == .firing }.map(\.fingerprint).sorted() }
    var reasons: [String] { alerts.compactMap(\.resolveReason) }
}
