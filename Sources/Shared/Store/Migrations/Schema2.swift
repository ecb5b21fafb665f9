/// The second version of the schema: erasures, privacy requests, replays.
///
/// The index by which bodies are purged names their customer too, so that an erasure finds the deliveries of
/// a customer without reading bodies. It grows at its end only; an index by customer would be written all
/// over.
enum Schema2 {
    static let migration = Migration(version: 2, name: "privacy-and-replay", sql: privacy + replay)

    private static let privacy = """
        DROP INDEX growth_inbox_purge;
        CREATE INDEX growth_inbox_purge ON growth_inbox(received_at, customer_hash) WHERE body IS NOT NULL;

        CREATE TABLE growth_tombstone(
          kind TEXT NOT NULL CHECK(kind IN ('customer','order','account')),
          digest TEXT NOT NULL CHECK(length(digest)=64), at INTEGER NOT NULL,
          PRIMARY KEY(digest, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER growth_tombstone_no_delete BEFORE DELETE ON growth_tombstone
          BEGIN SELECT RAISE(ABORT,'tombstones stay'); END;

        CREATE TABLE growth_privacy_request(
          id INTEGER PRIMARY KEY, inbox_id INTEGER NOT NULL UNIQUE REFERENCES growth_inbox(id),
          source TEXT NOT NULL, account_ref TEXT NOT NULL DEFAULT '', topic TEXT NOT NULL,
          kind TEXT NOT NULL CHECK(kind IN ('ACCESS','ERASURE','ACCOUNT_ERASURE')),
          is_verified INTEGER NOT NULL CHECK(is_verified IN (0,1)),
          subject TEXT CHECK(subject IS NULL OR json_valid(subject)),
          received_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
          done_at INTEGER, done_by TEXT, orders INTEGER, deliveries INTEGER,
          CHECK(done_at IS NULL OR subject IS NULL)
        ) STRICT;
        CREATE INDEX growth_privacy_request_open ON growth_privacy_request(due_at) WHERE done_at IS NULL;

        """

    /// A snapshot that its delivery does not say any more stays, and does not count.
    private static let replay = """
        CREATE TABLE growth_snapshot_superseded(
          order_id INTEGER NOT NULL, provider_ts INTEGER NOT NULL, content_hash BLOB NOT NULL,
          at INTEGER NOT NULL,
          PRIMARY KEY(order_id, provider_ts, content_hash),
          FOREIGN KEY(order_id, provider_ts, content_hash)
            REFERENCES growth_order_snapshot(order_id, provider_ts, content_hash)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX growth_order_snapshot_inbox ON growth_order_snapshot(inbox_id)
          WHERE inbox_id IS NOT NULL;

        """
}
