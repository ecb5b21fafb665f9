extension Schema1 {
    /// The daily cube, the days of the metric, alerts, leases and the audit trail.
    static let reports = """
        CREATE TABLE growth_meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE growth_daily(
          business_date TEXT NOT NULL, source TEXT NOT NULL, currency TEXT NOT NULL,
          status TEXT NOT NULL, kind TEXT NOT NULL,
          amount_minor INTEGER NOT NULL, entries INTEGER NOT NULL CHECK(entries > 0),
          PRIMARY KEY(business_date, source, currency, status, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE growth_daily_orders(
          business_date TEXT NOT NULL, source TEXT NOT NULL, currency TEXT NOT NULL,
          orders INTEGER NOT NULL CHECK(orders > 0),
          PRIMARY KEY(business_date, source, currency)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE growth_fx_rate(
          base TEXT NOT NULL, quote TEXT NOT NULL, rate_date TEXT NOT NULL, rate TEXT NOT NULL,
          provider TEXT NOT NULL,
          PRIMARY KEY(base, quote, rate_date)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE growth_dnr_day(
          business_date TEXT NOT NULL, scope TEXT NOT NULL DEFAULT '*', base_currency TEXT NOT NULL,
          dnr_minor INTEGER NOT NULL, cleared_minor INTEGER NOT NULL, pending_minor INTEGER NOT NULL,
          orders INTEGER NOT NULL DEFAULT 0,
          components TEXT NOT NULL DEFAULT '{}' CHECK(json_valid(components)),
          fx_missing TEXT NOT NULL DEFAULT '[]' CHECK(json_valid(fx_missing)),
          finalized_at INTEGER, restated_at INTEGER, computed_at INTEGER NOT NULL,
            data_version INTEGER NOT NULL,
          PRIMARY KEY(business_date, scope, base_currency), CHECK(dnr_minor = cleared_minor + pending_minor)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX growth_dnr_day_open ON growth_dnr_day(business_date) WHERE finalized_at IS NULL;

        CREATE TABLE growth_alert(
          id INTEGER PRIMARY KEY,
          rule TEXT NOT NULL CHECK(rule IN ('REVENUE_DIP','NO_SIGNAL','PAYOUT_UNMATCHED','WATCHDOG_STALLED')),
          scope TEXT NOT NULL, fingerprint TEXT NOT NULL,
          severity TEXT NOT NULL CHECK(severity IN ('info','warning','critical')),
          state TEXT NOT NULL CHECK(state IN ('PENDING','FIRING','RESOLVED')),
          active_since INTEGER NOT NULL, fired_at INTEGER, resolved_at INTEGER, resolve_reason TEXT,
          last_eval_at INTEGER NOT NULL, acked_at INTEGER, acked_by TEXT, snoozed_until INTEGER,
          inhibited_by INTEGER REFERENCES growth_alert(id),
          detail TEXT NOT NULL CHECK(json_valid(detail)), epoch INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX growth_alert_open ON growth_alert(fingerprint) WHERE state <> 'RESOLVED';
        CREATE INDEX growth_alert_resolved ON growth_alert(resolved_at) WHERE resolved_at IS NOT NULL;
        CREATE TABLE growth_notification(
          id INTEGER PRIMARY KEY, alert_id INTEGER NOT NULL REFERENCES growth_alert(id),
          channel TEXT NOT NULL, event TEXT NOT NULL, seq INTEGER NOT NULL,
          not_before INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, sent_at INTEGER, last_error TEXT,
          UNIQUE(alert_id, channel, event, seq)
        ) STRICT;
        CREATE INDEX growth_notification_due ON growth_notification(not_before) WHERE sent_at IS NULL;
        CREATE TABLE growth_lease(
          name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE growth_audit(
          id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
          subject TEXT NOT NULL, detail TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER growth_audit_no_update BEFORE UPDATE ON growth_audit
          BEGIN SELECT RAISE(ABORT,'append-only'); END;
        CREATE TRIGGER growth_audit_no_delete BEFORE DELETE ON growth_audit
          BEGIN SELECT RAISE(ABORT,'append-only'); END;

        """
}
