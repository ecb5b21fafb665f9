import Logging
import Shared
import SharedRedis

/// Notices that Redis was emptied or replaced, by the token that the database remembers.
///
/// It asks the database only when Redis bears another token than before, or while a loss waits to be seen.
final class EmptiedRedis {
    private let store: any ClaimStore
    /// By what the database is known.
    private let installation: String
    private let health: WorkerHealth
    private let clock: any WallClock
    private let logger: Logger
    /// The token that Redis bore at the last look.
    private var token: String?
    /// When the oldest job had come that waited at the last look at which Redis was whole.
    private var waitingSince: Timestamp?
    private var hasLoss = false

    init(
        store: any ClaimStore,
        installation: String,
        health: WorkerHealth,
        clock: any WallClock,
        logger: Logger
    ) {
        self.store = store
        self.installation = installation
        self.health = health
        self.clock = clock
        self.logger = logger
    }

    /// Compares what Redis bears with what the database remembers.
    ///
    /// While the database does not answer, which others tell, it is left for the next time.
    func compare(_ look: RedisInstallation.Look, _ client: any RedisCommanding) {
        // What is another installation's is told elsewhere, and what can't be read by `doctor`.
        guard look.installation ?? installation == installation, look.isTokenReadable else { return }
        if look.token == nil || look.token != token {
            settle(look.token, client)
        } else if hasLoss, let claim = ask({ () throws(StoreError) in try store.claim() }) {
            note(claim.loss)
        }
        if look.token != nil { waitingSince = oldest() ?? waitingSince }
    }

    private func settle(_ seen: String?, _ client: any RedisCommanding) {
        guard var claim = ask({ () throws(StoreError) in try store.claim() }) else { return }
        var found = seen
        if found == nil, claim.token != nil {
            // Another worker may have given both a token since: Redis has it before the database.
            guard let look = try? RedisInstallation.look(client), look.isTokenReadable else { return }
            found = look.token
        }
        if found == nil, let known = claim.token {
            let (now, since) = (clock.now, waitingSince)
            // The token is forgotten with it: whoever comes later, or again, finds the loss noted.
            let noted = ask { () throws(StoreError) in
                try store.noteLoss(of: known, since: since, at: now)
            }
            guard let noted else { return }
            if noted == nil, let newer = ask({ () throws(StoreError) in try store.claim() }) { claim = newer }
            if let loss = noted {
                claim.loss = loss
                logger.error(
                    """
                    Redis was emptied or replaced: what waited in it, or was set aside there, is gone. Have \
                    the providers send again what came since, and look in the logs for what was tried \
                    again or dead before, then: growthctl queue acknowledge
                    """,
                    metadata: ["since": "\(loss.since)"]
                )
            }
        }
        guard let borne = found ?? (try? RedisInstallation.issueToken(client)) else { return }
        if claim.token != borne {
            guard ask({ () throws(StoreError) in try store.remember(token: borne) }) != nil else { return }
        }
        token = borne
        note(claim.loss)
    }

    private func note(_ loss: QueueLoss?) {
        hasLoss = loss != nil
        health.noteLoss(foundAt: loss?.foundAt)
    }

    /// When the oldest job had come that waited at the last look at the queues, or when that was where none
    /// did; nil while that is not known.
    private func oldest() -> Timestamp? {
        // What came after that look may wait already.
        health.metrics.sample(at: clock.now).map { min(clock.now, $0.oldestReceivedAt ?? $0.at) }
    }

    private func ask<T>(_ question: () throws(StoreError) -> T) -> T? {
        try? question()
    }
}
