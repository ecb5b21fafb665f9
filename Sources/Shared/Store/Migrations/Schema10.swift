/// The tenth version of the schema: who says a snapshot, besides the delivery that brought it.
enum Schema10 {
    static let migration = Migration(version: 10, name: "snapshot-tellers", sql: tellers)

    /// Who brought a snapshot says it unless a row tells otherwise; everybody else only where a row does.
    ///
    /// What earlier replays superseded, the delivery that brought it does not say any more.
    private static let tellers = """
        CREATE TABLE growth_snapshot_teller(
          order_id INTEGER NOT NULL, provider_ts INTEGER NOT NULL, content_hash BLOB NOT NULL,
          inbox_id INTEGER NOT NULL REFERENCES growth_inbox(id),
          says INTEGER NOT NULL CHECK(says=0 OR says=1),
          PRIMARY KEY(order_id, provider_ts, content_hash, inbox_id),
          FOREIGN KEY(order_id, provider_ts, content_hash)
            REFERENCES growth_order_snapshot(order_id, provider_ts, content_hash)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX growth_snapshot_teller_inbox ON growth_snapshot_teller(inbox_id);
        INSERT INTO growth_snapshot_teller(order_id, provider_ts, content_hash, inbox_id, says)
          SELECT s.order_id, s.provider_ts, s.content_hash, s.inbox_id, 0 FROM growth_snapshot_superseded o
          JOIN growth_order_snapshot s ON s.order_id=o.order_id AND s.provider_ts=o.provider_ts
            AND s.content_hash=o.content_hash WHERE s.inbox_id IS NOT NULL;

        """
}
