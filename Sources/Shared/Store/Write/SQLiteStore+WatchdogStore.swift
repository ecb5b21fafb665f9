import GRDB
public import Shared

extension SQLiteStore: WatchdogStore {
    private static let leaseName = "watchdog"
    private static let memoryOfResolved: Int64 = 10 * 86_400_000

    /// Takes or renews the lease on the watchdog's work.
    ///
    /// A lease that ends later than this one could twice over was written by a clock that ran ahead, and
    /// holds nobody up.
    ///
    /// Returns the epoch, which grows whenever the holder changes or a lease had run out; nil while somebody
    /// else holds it.
    public func acquireLease(
        holder: String,
        milliseconds: Int64,
        at now: Timestamp
    ) throws(StoreError) -> Int64? {
        try write { db in
            let expiry = now.advanced(byMilliseconds: milliseconds).milliseconds
            try db.run(
                """
                INSERT INTO growth_lease(name, holder, epoch, expires_at) VALUES (?1,?2,1,?3)
                ON CONFLICT(name) DO UPDATE SET
                  epoch=epoch + (holder<>excluded.holder), holder=excluded.holder,
                    expires_at=excluded.expires_at
                WHERE holder=excluded.holder OR expires_at<=?4 OR expires_at>?5
                """,
                Self.leaseName,
                holder,
                expiry,
                now.milliseconds,
                now.advanced(byMilliseconds: 2 * milliseconds).milliseconds
            )
            guard db.changesCount > 0 else { return nil }
            return try db.integer("SELECT epoch FROM growth_lease WHERE name=?", Self.leaseName)
        }
    }

    /// Marks every day up to and including `day` as final that is not yet, and returns those days.
    ///
    /// A day between two others that has no entries is a day of zero, and becomes final like them.
    public func finalizeDays(
        through day: BusinessDate,
        at now: Timestamp
    ) throws(StoreError) -> [BusinessDate] {
        let base = configuration.baseCurrency
        // Almost every tick finds nothing to do, and should not take the write lock to learn that.
        guard try read({ db in try DayFinalizer(db, base: base, day: day, now: now).hasWork() }) else {
            return []
        }
        return try write { db in try DayFinalizer(db, base: base, day: day, now: now).run() }
    }

    /// Returns what the rules need: the figures in the base currency, all sources together.
    public func observations(
        days range: ClosedRange<BusinessDate>,
        at now: Timestamp
    ) throws(StoreError) -> WatchdogObservations {
        let configuration = configuration
        return try read { db in
            WatchdogObservations(
                days: try DayQuery.days(db, in: range, scope: "*", base: configuration.baseCurrency),
                firstDay: try DayQuery.firstDay(db),
                signals: try SignalQuery.signals(db, of: configuration.signalSources, at: now),
                openAlerts: try AlertQuery.alerts(db, onlyOpen: true, limit: Int(Int32.max), before: nil),
                resolvedFingerprints: try AlertQuery.resolvedFingerprints(
                    db,
                    since: now.advanced(byMilliseconds: -Self.memoryOfResolved)
                ),
                payouts: try PayoutQuery.backlogs(db, at: now)
            )
        }
    }

    /// Applies what the rules decided and notes that they ran, in one transaction.
    ///
    /// Returns false when the lease's epoch is no longer `epoch`; nothing was changed then.
    public func apply(
        _ actions: [WatchdogAction],
        epoch: Int64,
        at now: Timestamp
    ) throws(StoreError) -> Bool {
        let channels = configuration.channels
        return try write { db in
            let current = try db.integer("SELECT epoch FROM growth_lease WHERE name=?", Self.leaseName)
            guard current == epoch else { return false }
            var hasChanged = false
            let outbox = NotificationOutbox(db, channels: channels, now: now)
            for action in actions {
                hasChanged = try Self.apply(action, db, outbox, epoch: epoch, at: now) || hasChanged
            }
            try outbox.remind()
            if hasChanged { _ = try db.increment(MetaKey.alertVersion) }
            try db.setMeta(MetaKey.lastEvaluation, String(now.milliseconds))
            return true
        }
    }

    private static func apply(
        _ action: WatchdogAction,
        _ db: Database,
        _ outbox: NotificationOutbox,
        epoch: Int64,
        at now: Timestamp
    ) throws -> Bool {
        switch action {
        case .open(let alert):
            guard try AlertQuery.open(alert, db, epoch: epoch, at: now) else { return false }
            try outbox.fired(db.lastInsertedRowID, isInhibited: alert.inhibitedBy != nil)
            return true
        case .update(let id, let severity, let detail):
            let old = try AlertQuery.alert(db, id: id)
            if severity == .critical, let old, old.severity != .critical { try outbox.escalated(id) }
            try db.run(
                """
                UPDATE growth_alert SET severity=?1, detail=?2, last_eval_at=?3, epoch=?4
                WHERE id=?5 AND state<>'RESOLVED' AND (severity, detail) <> (?1, ?2)
                """,
                severity.rawValue,
                detail.text,
                now.milliseconds,
                epoch,
                id
            )
        case .resolve(let id, let reason):
            try db.run(
                """
                UPDATE growth_alert SET state='RESOLVED', resolved_at=?1, resolve_reason=?2, last_eval_at=?1,
                  epoch=?3, snoozed_until=NULL
                WHERE id=?4 AND state<>'RESOLVED'
                """,
                now.milliseconds,
                reason,
                epoch,
                id
            )
            guard db.changesCount > 0 else { return false }
            try outbox.resolved(id)
            return true
        }
        return db.changesCount > 0
    }
}
