import Logging
import Shared
import SharedRuntime

/// Sends the messages about alerts that wait in the outbox; on one worker at a time.
///
/// At least once: a message is noted as sent after the receiver took it, under an id that stays the same.
final class NotifierLoop {
    /// What the loop works on.
    struct Environment {
        /// The outbox.
        var store: any NotificationStore
        /// Who holds the watchdog's lease sends.
        var lease: any WatchdogStore
        /// Where messages go.
        var webhook: AlertWebhook
        /// The currency of the alerts' amounts.
        var base: Currency
        /// Sends a body with its headers, and waits for the answer.
        var post:
            (_ target: WebhookTarget, _ headers: [(name: String, value: String)], _ body: [UInt8])
                -> NotificationAttempt.Answer
        /// This worker, as the watchdog's lease knows it.
        var holder: String
        /// Tells the time.
        var clock: any WallClock
        /// The database, as all loops of the worker see it.
        var databaseState = DependencyState("database")
    }

    /// How often it looks, in milliseconds.
    static let periodMilliseconds = 5000
    /// Messages of one round.
    static let step = 20

    private let environment: Environment
    private let logger: Logger
    private var outage: Outage

    init(environment: Environment, logger: Logger) {
        self.environment = environment
        outage = Outage(of: environment.databaseState)
        self.logger = logger
    }

    /// Works until stopped.
    func run(stop: any LoopPause) {
        while stop.sleep(milliseconds: Self.periodMilliseconds) {
            do {
                try work(stop: stop)
                outage.worked(at: environment.clock.now, logger: logger)
            } catch {
                outage.failed(error, at: environment.clock.now, logger: logger)
            }
        }
    }

    /// Sends what is due, if this worker holds the lease.
    func work(stop: any LoopPause) throws(StoreError) {
        let due = try environment.store.dueNotifications(
            channel: AlertWebhook.channel,
            at: environment.clock.now,
            limit: Self.step
        )
        for notification in due {
            // The lease must hold while a slow receiver is waited for.
            let epoch = try environment.lease.acquireLease(
                holder: environment.holder,
                milliseconds: WatchdogLoop.leaseMilliseconds,
                at: environment.clock.now
            )
            guard epoch != nil, !stop.isStopped else { return }
            try send(notification)
        }
    }

    private func send(_ notification: AlertNotification) throws(StoreError) {
        let body = notification.body(base: environment.base)
        let headers = environment.webhook.headers(
            id: notification.messageID,
            body: body,
            at: environment.clock.now
        )
        let answer = environment.post(environment.webhook.target, headers, body)
        let now = environment.clock.now
        let outcome = NotificationAttempt.outcome(
            of: answer,
            attempts: notification.attempts,
            createdAt: notification.createdAt,
            now: now
        )
        var error: String?
        if outcome != .sent {
            error =
                switch answer {
                case .status(let status, _): "status \(status)"
                case .failure(let failure): failure.rawValue
                }
        }
        try environment.store.note(outcome, of: notification.id, error: error, at: now)
        log(notification, outcome, error)
    }

    private func log(
        _ notification: AlertNotification,
        _ outcome: NotificationAttempt.Outcome,
        _ error: String?
    ) {
        let metadata: Logger.Metadata = [
            "alert": "\(notification.alert.id)", "event": "\(notification.event.rawValue)",
            "error": "\(error ?? "-")",
        ]
        switch outcome {
        case .sent: logger.info("An alert was sent.", metadata: metadata)
        case .retry: logger.warning("An alert could not be sent; it is tried again.", metadata: metadata)
        case .givenUp: logger.error("An alert could not be sent and was given up.", metadata: metadata)
        }
    }
}
