/// PAYOUT_UNMATCHED: payouts of a source that their lines and orders did not explain within 48 hours.
///
/// One alert a source: it lasts as long as any such payout is left, and its figures follow.
struct PayoutRule {
    let observations: WatchdogObservations
    let now: Timestamp

    /// Returns the actions: what is explained first, then what changed or came, by source.
    func evaluate() -> [WatchdogAction] {
        let open = observations.openAlerts.filter { $0.rule == .payoutUnmatched }.sorted { $0.id < $1.id }
        let sources = Set(observations.payouts.map(\.source.name))
        let resolved = open.filter { !sources.contains($0.scope) }
            .map { WatchdogAction.resolve(id: $0.id, reason: reason(endOf: $0)) }
        let changes = observations.payouts.sorted { $0.source < $1.source }.compactMap { backlog in
            open.first { $0.scope == backlog.source.name }.map { update(of: $0, backlog) }
                ?? opening(backlog)
        }
        return resolved + changes.compactMap { $0 }
    }

    /// Whether the last payout of an alert was explained, or is too old to be worth one any longer.
    private func reason(endOf alert: Alert) -> String {
        guard let seen = alert.detail.oldestSeenAt else { return "MATCHED" }
        return now.milliseconds(since: seen) > PayoutBacklog.memory ? "EXPIRED" : "MATCHED"
    }

    private func update(of alert: Alert, _ backlog: PayoutBacklog) -> WatchdogAction? {
        let (severity, detail) = (Self.severity(of: backlog), Self.detail(of: backlog))
        guard severity != alert.severity || detail != alert.detail else { return nil }
        return .update(id: alert.id, severity: severity, detail: detail)
    }

    private func opening(_ backlog: PayoutBacklog) -> WatchdogAction? {
        let scope = backlog.source.name
        // One that was explained and is so no longer is news, as are others that came after it.
        let fingerprint = Watchdog.fingerprint(.payoutUnmatched, scope: scope, window: backlog.oldest)
        return .open(
            Alert(
                id: 0,
                rule: .payoutUnmatched,
                scope: scope,
                fingerprint: fingerprint,
                severity: Self.severity(of: backlog),
                state: .firing,
                activeSince: backlog.oldestSeenAt.advanced(byMilliseconds: PayoutBacklog.grace),
                firedAt: now,
                detail: Self.detail(of: backlog)
            )
        )
    }

    /// Lines that contradict their payout are worse than lines that are missing.
    private static func severity(of backlog: PayoutBacklog) -> Alert.Severity {
        backlog.discrepancies > 0 ? .critical : .warning
    }

    private static func detail(of backlog: PayoutBacklog) -> AlertDetail {
        AlertDetail(
            payouts: backlog.count,
            discrepancies: backlog.discrepancies,
            oldestSeenAt: backlog.oldestSeenAt
        )
    }
}
