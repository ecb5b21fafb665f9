extension Schema1 {
    /// Payouts, the ledger and its history.
    static let ledger = """
        CREATE TABLE growth_payout(
          id INTEGER PRIMARY KEY,
          source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '', external_id TEXT NOT NULL,
          currency TEXT NOT NULL CHECK(length(currency)=3), net_minor INTEGER,
          gross_minor INTEGER, fee_minor INTEGER,
          status TEXT NOT NULL CHECK(status IN ('SCHEDULED','IN_TRANSIT','PAID','FAILED','CANCELED')),
          issued_at INTEGER, paid_at INTEGER, provider_updated_at INTEGER NOT NULL,
            content_hash BLOB NOT NULL,
          lines_complete INTEGER NOT NULL DEFAULT 0, first_seen_at INTEGER NOT NULL,
          recon TEXT NOT NULL DEFAULT 'UNMATCHED'
            CHECK(recon IN ('UNMATCHED','PARTIAL','MATCHED','DISCREPANCY')),
          matched_minor INTEGER NOT NULL DEFAULT 0,
          difference_minor INTEGER GENERATED ALWAYS AS (net_minor - matched_minor) VIRTUAL,
          UNIQUE(source, account_ref, external_id)
        ) STRICT;
        CREATE TABLE growth_payout_line(
          id INTEGER PRIMARY KEY, payout_id INTEGER NOT NULL REFERENCES growth_payout(id),
          external_id TEXT NOT NULL,
          type TEXT NOT NULL
            CHECK(type IN ('CHARGE','REFUND','FEE','DISPUTE','ADJUSTMENT','RESERVE','OTHER')),
          order_external_id TEXT, order_id INTEGER REFERENCES growth_order(id),
          gross_minor INTEGER NOT NULL, fee_minor INTEGER NOT NULL DEFAULT 0, net_minor INTEGER NOT NULL,
          currency TEXT NOT NULL CHECK(length(currency)=3), occurred_at INTEGER, provider_ts INTEGER NOT NULL,
          match TEXT NOT NULL DEFAULT 'UNMATCHED'
            CHECK(match IN ('UNMATCHED','MATCHED','AMBIGUOUS','IGNORED')),
          CHECK(net_minor = gross_minor - fee_minor),
          UNIQUE(payout_id, external_id)
        ) STRICT;
        CREATE INDEX growth_payout_line_open ON growth_payout_line(order_external_id) WHERE match='UNMATCHED';
        CREATE INDEX growth_payout_line_order ON growth_payout_line(order_id) WHERE order_id IS NOT NULL;

        CREATE TABLE growth_ledger_entry(
          id INTEGER PRIMARY KEY,
          idempotency_key TEXT NOT NULL UNIQUE, txn_key TEXT NOT NULL,
          source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          order_id INTEGER REFERENCES growth_order(id), external_ref TEXT NOT NULL DEFAULT '',
          kind TEXT NOT NULL CHECK(kind IN ('SALE','DISCOUNT','SHIPPING','TAX','DUTY','TIP','GIFT_CARD_SALE',
            'GIFT_CARD_REDEEM','REFUND','REFUND_SHIPPING','REFUND_TAX','REFUND_TIP','CHARGEBACK',
            'CHARGEBACK_REVERSAL','FEE','FEE_REVERSAL','ADJUSTMENT','RESERVE')),
          amount_minor INTEGER NOT NULL CHECK(amount_minor <> 0),
          currency TEXT NOT NULL CHECK(length(currency)=3 AND currency = upper(currency)),
          exponent INTEGER NOT NULL CHECK(exponent BETWEEN 0 AND 4),
          effective_at INTEGER NOT NULL, business_date TEXT NOT NULL CHECK(business_date GLOB '????-??-??'),
          recorded_at INTEGER NOT NULL,
          status TEXT NOT NULL CHECK(status IN ('PENDING','CLEARED','VOID')),
          cleared_at INTEGER, cleared_by TEXT CHECK(cleared_by IN ('PAYOUT','PROVIDER','AGE','MANUAL')),
          payout_line_id INTEGER REFERENCES growth_payout_line(id),
          reverses_id INTEGER REFERENCES growth_ledger_entry(id), policy_version INTEGER NOT NULL DEFAULT 1,
          CHECK((status='CLEARED') = (cleared_at IS NOT NULL AND cleared_by IS NOT NULL))
        ) STRICT;
        CREATE INDEX growth_ledger_day ON growth_ledger_entry
          (business_date, source, currency, status, kind, amount_minor, effective_at);
        CREATE INDEX growth_ledger_order ON growth_ledger_entry(order_id, kind, business_date);
        CREATE INDEX growth_ledger_payout ON growth_ledger_entry(payout_line_id)
        WHERE payout_line_id IS NOT NULL;
        CREATE TABLE growth_ledger_transition(
          id INTEGER PRIMARY KEY, entry_id INTEGER NOT NULL REFERENCES growth_ledger_entry(id),
          from_status TEXT NOT NULL, to_status TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
          idempotency_key TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE INDEX growth_ledger_transition_entry ON growth_ledger_transition(entry_id);

        CREATE TRIGGER growth_ledger_no_delete BEFORE DELETE ON growth_ledger_entry
          BEGIN SELECT RAISE(ABORT,'ledger is append-only'); END;
        CREATE TRIGGER growth_ledger_immutable BEFORE UPDATE ON growth_ledger_entry
          WHEN NEW.id IS NOT OLD.id OR NEW.idempotency_key IS NOT OLD.idempotency_key
            OR NEW.txn_key IS NOT OLD.txn_key OR NEW.source IS NOT OLD.source
            OR NEW.account_ref IS NOT OLD.account_ref OR NEW.order_id IS NOT OLD.order_id
            OR NEW.external_ref IS NOT OLD.external_ref OR NEW.kind IS NOT OLD.kind
            OR NEW.amount_minor IS NOT OLD.amount_minor OR NEW.currency IS NOT OLD.currency
            OR NEW.exponent IS NOT OLD.exponent OR NEW.effective_at IS NOT OLD.effective_at
            OR NEW.business_date IS NOT OLD.business_date OR NEW.recorded_at IS NOT OLD.recorded_at
            OR NEW.reverses_id IS NOT OLD.reverses_id OR NEW.policy_version IS NOT OLD.policy_version
          BEGIN SELECT RAISE(ABORT,'ledger entry is immutable'); END;
        CREATE TRIGGER growth_ledger_status BEFORE UPDATE OF status ON growth_ledger_entry
          WHEN NOT (NEW.status = OLD.status OR (OLD.status='PENDING' AND NEW.status IN ('CLEARED','VOID'))
            OR (OLD.status='CLEARED' AND NEW.status='PENDING' AND OLD.cleared_by='PAYOUT'))
          BEGIN SELECT RAISE(ABORT,'illegal status transition'); END;
        CREATE TRIGGER growth_transition_no_update BEFORE UPDATE ON growth_ledger_transition
          BEGIN SELECT RAISE(ABORT,'append-only'); END;
        CREATE TRIGGER growth_transition_no_delete BEFORE DELETE ON growth_ledger_transition
          BEGIN SELECT RAISE(ABORT,'append-only'); END;

        """
}
