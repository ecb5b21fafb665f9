import GRDB
public import Shared

extension SQLiteStore: ClaimStore {
    /// Returns what is remembered of Redis.
    public func claim() throws(StoreError) -> QueueClaim {
        try read { db in QueueClaim(token: try db.meta(MetaKey.queueToken), loss: try Self.loss(db)) }
    }

    /// Remembers the token that Redis bears.
    public func remember(token: String) throws(StoreError) {
        try write { db in try db.setMeta(MetaKey.queueToken, token) }
    }

    /// Forgets a token that Redis no longer bears, and notes the loss; one that nobody has seen yet goes on.
    public func noteLoss(
        of token: String,
        since: Timestamp?,
        at now: Timestamp
    ) throws(StoreError) -> QueueLoss? {
        try write { db in
            guard try db.meta(MetaKey.queueToken) == token else { return nil }
            // No index covers all deliveries by their time.
            let newest = "SELECT received_at FROM growth_inbox ORDER BY id DESC LIMIT 1"
            let stored = try since?.milliseconds ?? db.integer(newest)
            let earlier = try Self.loss(db)?.since.milliseconds
            let first = min(earlier ?? .max, stored ?? .max, now.milliseconds)
            try Self.forgetToken(db)
            try db.setMeta(MetaKey.queueLostSince, String(first))
            try db.setMeta(MetaKey.queueLostAt, String(now.milliseconds))
            return QueueLoss(since: Timestamp(milliseconds: first), foundAt: now)
        }
    }

    /// Notes that somebody saw the loss, and forgets a token that Redis no longer bears.
    public func acknowledgeLoss(forgetting token: String?) throws(StoreError) -> QueueLoss? {
        try write { db in
            let loss = try Self.loss(db)
            for key in [MetaKey.queueLostSince, MetaKey.queueLostAt] {
                try db.run("DELETE FROM growth_meta WHERE key=?", key)
            }
            if let token, try db.meta(MetaKey.queueToken) == token { try Self.forgetToken(db) }
            return loss
        }
    }

    /// Forgets which token Redis bears: whichever is found next is taken for the right one.
    static func forgetToken(_ db: Database) throws {
        try db.run("DELETE FROM growth_meta WHERE key=?", MetaKey.queueToken)
    }

    private static func loss(_ db: Database) throws -> QueueLoss? {
        guard let since = try db.meta(MetaKey.queueLostSince).flatMap({ Int64($0) }),
            let at = try db.meta(MetaKey.queueLostAt).flatMap({ Int64($0) })
        else { return nil }
        return QueueLoss(since: Timestamp(milliseconds: since), foundAt: Timestamp(milliseconds: at))
    }
}
