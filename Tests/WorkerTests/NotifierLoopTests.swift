import Foundation
import Logging
import Shared
import Synchronization
import TestSupport
import Testing

@testable import growth_worker

@Suite("The worker's notifier")
struct NotifierLoopTests {
    private let outbox = OutboxDouble()
    private let lease = WatchdogStoreDouble()
    private let clock = ManualClock()

    private func notification(_ id: Int64) -> AlertNotification {
        AlertNotification(
            id: id,
            event: .fired,
            sequence: 1,
            alert: Alert(
                id: id,
                rule: .noSignal,
                scope: "*",
                fingerprint: "f",
                severity: .warning,
                state: .firing,
                activeSince: clock.now,
                firedAt: clock.now,
                detail: AlertDetail()
            ),
            createdAt: clock.now,
            attempts: 0
        )
    }

    private func loop(
        url: String = "http://127.0.0.1:1/x",
        post:
            @escaping (WebhookTarget, [(name: String, value: String)], [UInt8]) -> NotificationAttempt.Answer
    ) throws -> NotifierLoop {
        let environment = NotifierLoop.Environment(
            store: outbox,
            lease: lease,
            webhook: try AlertWebhook(url: url, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            base: .lira,
            post: post,
            holder: "w",
            clock: clock
        )
        return NotifierLoop(environment: environment, logger: Logger(label: "test"))
    }

    @Test("sends what is due with its headers, and notes what became of each")
    func sends() throws {
        outbox.waiting.withLock { $0 = [notification(1), notification(2), notification(3)] }
        let answers = Mutex<[NotificationAttempt.Answer]>([
            .status(200, retryAfter: nil), .status(429, retryAfter: "120"), .failure(.tls),
        ])
        let ids = Mutex<[String]>([])
        let loop = try loop { _, headers, _ in
            ids.withLock { $0 += headers.filter { $0.name == "webhook-id" }.map(\.value) }
            return answers.withLock { $0.removeFirst() }
        }
        try loop.work(stop: StopSignal())
        #expect(ids.withLock { $0 } == ["ntf_1_1", "ntf_2_1", "ntf_3_1"])
        let outcomes = outbox.outcomes.withLock { $0 }
        #expect(outcomes.map(\.id) == [1, 2, 3])
        #expect(
            outcomes.map(\.outcome) == [
                .sent, .retry(clock.now.advanced(byMilliseconds: 120_000)),
                .retry(clock.now.advanced(byMilliseconds: 30_000)),
            ]
        )
        #expect(outcomes.map(\.error) == [nil, "status 429", "TLS failed"])
    }

    @Test("sends nothing without the lease, or once stopped")
    func notOurs() throws {
        outbox.waiting.withLock { $0 = [notification(1)] }
        let loop = try loop { _, _, _ in
            Issue.record("It was sent.")
            return .failure(.noAnswer)
        }
        lease.state.withLock { $0.holdsLease = false }
        try loop.work(stop: StopSignal())
        lease.state.withLock { $0.holdsLease = true }
        let stop = StopSignal()
        stop.stop()
        try loop.work(stop: stop)
        #expect(outbox.outcomes.withLock { $0.isEmpty })
    }
}
