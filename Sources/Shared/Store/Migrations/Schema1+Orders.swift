extension Schema1 {
    /// Deliveries, orders and their snapshots, products, fulfilment.
    ///
    /// There is no index of unfinished inbox rows: the work queue is Redis, and a row is written with its
    /// outcome. The unique key of orders puts the external id before the account, so that a payout line,
    /// which may not know the account, finds its order with the same index.
    static let orders = """
        CREATE TABLE growth_inbox(
          id INTEGER PRIMARY KEY,
          source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          delivery_id TEXT NOT NULL, event_id TEXT NOT NULL DEFAULT '', envelope_id TEXT NOT NULL,
          topic TEXT NOT NULL, object_id TEXT,
          provider_ts INTEGER, received_at INTEGER NOT NULL,
          signature TEXT NOT NULL CHECK(signature IN ('verified','unsigned','failed')),
          key_id TEXT NOT NULL, customer_hash TEXT,
          body BLOB, body_sha256 BLOB NOT NULL,
          is_test INTEGER NOT NULL DEFAULT 0 CHECK(is_test IN (0,1)),
          state TEXT NOT NULL CHECK(state IN ('NEW','DONE','STALE','NOOP','QUARANTINED','REDACTED')),
          attempts INTEGER NOT NULL DEFAULT 0, note TEXT, error TEXT,
          UNIQUE(source, account_ref, delivery_id)
        ) STRICT;
        CREATE INDEX growth_inbox_signal ON growth_inbox(source, received_at)
          WHERE is_test=0 AND state<>'QUARANTINED';
        CREATE INDEX growth_inbox_object ON growth_inbox(source, account_ref, object_id)
        WHERE object_id IS NOT NULL;
        CREATE INDEX growth_inbox_purge ON growth_inbox(received_at) WHERE body IS NOT NULL;

        CREATE TABLE growth_order(
          id INTEGER PRIMARY KEY,
          source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '', external_id TEXT NOT NULL,
          order_number TEXT, currency TEXT CHECK(currency IS NULL OR length(currency)=3),
          total_minor INTEGER, financial_status TEXT, fulfillment_status TEXT, status_raw TEXT,
          placed_at INTEGER, cancelled_at INTEGER, provider_updated_at INTEGER, fulfilment_at INTEGER,
          customer_hash TEXT, is_test INTEGER NOT NULL DEFAULT 0, is_stub INTEGER NOT NULL DEFAULT 0,
          content_hash BLOB,
          sale_date TEXT CHECK(sale_date IS NULL OR sale_date GLOB '????-??-??'), sale_currency TEXT,
          first_seen_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, redacted_at INTEGER,
          CHECK((sale_date IS NULL) = (sale_currency IS NULL)),
          UNIQUE(source, external_id, account_ref)
        ) STRICT;
        CREATE INDEX growth_order_customer ON growth_order(customer_hash) WHERE customer_hash IS NOT NULL;
        CREATE INDEX growth_order_placed ON growth_order(placed_at);

        CREATE TABLE growth_order_snapshot(
          order_id INTEGER NOT NULL REFERENCES growth_order(id),
          provider_ts INTEGER NOT NULL, content_hash BLOB NOT NULL,
          fin TEXT NOT NULL CHECK(json_valid(fin)), inbox_id INTEGER REFERENCES growth_inbox(id),
          PRIMARY KEY(order_id, provider_ts, content_hash)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER growth_snapshot_no_update BEFORE UPDATE ON growth_order_snapshot
          BEGIN SELECT RAISE(ABORT,'snapshots are append-only'); END;
        CREATE TRIGGER growth_snapshot_no_delete BEFORE DELETE ON growth_order_snapshot
          BEGIN SELECT RAISE(ABORT,'snapshots are append-only'); END;

        CREATE TABLE growth_sku(
          id INTEGER PRIMARY KEY, source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          external_product_id TEXT NOT NULL, external_variant_id TEXT NOT NULL DEFAULT '',
          sku TEXT, title TEXT, currency TEXT, price_minor INTEGER, cost_minor INTEGER,
          is_gift_card INTEGER NOT NULL DEFAULT 0, active INTEGER NOT NULL DEFAULT 1,
          provider_updated_at INTEGER, updated_at INTEGER NOT NULL,
          UNIQUE(source, account_ref, external_product_id, external_variant_id)
        ) STRICT;
        CREATE INDEX growth_sku_code ON growth_sku(sku) WHERE sku IS NOT NULL;

        CREATE TABLE growth_fulfilment(
          id INTEGER PRIMARY KEY, source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '',
          order_external_id TEXT NOT NULL, event_id TEXT NOT NULL,
          status TEXT NOT NULL CHECK(status IN
            ('unfulfilled','in_progress','shipped','delivered','returned','cancelled')),
          at INTEGER NOT NULL,
          UNIQUE(source, order_external_id, account_ref, event_id)
        ) STRICT;

        """
}
