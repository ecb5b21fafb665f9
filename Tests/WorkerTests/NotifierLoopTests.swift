import Foundation
import Logging
import Shared
import Synchronization
import TestSupport
import Testing

@testable import growth_worker

/// An outbox in memory.
private final class OutboxDouble: NotificationStore {
    let waiting = Monitor<[AlertNotification]>([])
    let outcomes = Monitor<[(id: Int64, outcome: NotificationAttempt.Outcome, error: String?)]>([])

    func dueNotifications(
        channel: String,
        at now: Timestamp,
        limit: Int
    ) throws(StoreError) -> [AlertNotification] {
        waiting.withLock { Array($0.prefix(limit)) }
    }

    func note(
        _ outcome: NotificationAttempt.Outcome,
        of notification: Int64,
        error: String?,
        at now: Timestamp
    ) throws(StoreError) {
        outcomes.withLock { $0.append((notification, outcome, error)) }
    }

    func notifications(onlyWaiting: Bool, limit: Int) throws(StoreError) -> [NotificationRecord] { [] }
}

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
        post: @escaping (Secret, [(name: String, value: String)], [UInt8]) -> NotificationAttempt.Answer
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
            .status(200, retryAfter: nil), .status(429, retryAfter: "120"), .nothing,
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
        #expect(outcomes.map(\.error) == [nil, "status 429", "no answer"])
    }

    @Test("sends nothing without the lease, or once stopped")
    func notOurs() throws {
        outbox.waiting.withLock { $0 = [notification(1)] }
        let loop = try loop { _, _, _ in
            Issue.record("It was sent.")
            return .nothing
        }
        lease.state.withLock { $0.holdsLease = false }
        try loop.work(stop: StopSignal())
        lease.state.withLock { $0.holdsLease = true }
        let stop = StopSignal()
        stop.stop()
        try loop.work(stop: stop)
        #expect(outbox.outcomes.withLock { $0.isEmpty })
    }

    @Test("posts over HTTP, reads the status and Retry-After, follows no redirect, and survives no answer")
    func overHTTP() async throws {
        let webhook = try AlertWebhook(
            url: "http://127.0.0.1/x",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        )
        func answer(_ head: String) async throws -> (NotificationAttempt.Answer, String) {
            let server = try OneAnswer("HTTP/1.1 \(head)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            let headers = webhook.headers(id: "ntf_1_1", body: Array("{}".utf8), at: clock.now)
            let url = Secret("http://127.0.0.1:\(server.port)/hook?token=t")
            return try await OffPool.run {
                let answer = WebhookPost().send(url, headers, Array("{}".utf8))
                return (answer, server.request())
            }
        }
        let (sent, request) = try await answer("204 No Content")
        #expect(sent == .status(204, retryAfter: nil))
        #expect(request.hasPrefix("POST /hook?token=t HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("webhook-id: ntf_1_1\r\n") && request.hasSuffix("{}"))
        #expect(request.lowercased().contains("content-type: application/json\r\n"))
        let (busy, _) = try await answer("429 Too Many Requests\r\nRetry-After: 7")
        #expect(busy == .status(429, retryAfter: "7"))
        let (moved, _) = try await answer("302 Found\r\nLocation: http://127.0.0.1:1/")
        #expect(moved == .status(302, retryAfter: nil))
        let closed = try FreePort.find()
        let nothing = try await OffPool.run {
            WebhookPost().send(Secret("http://127.0.0.1:\(closed)/"), [], [])
        }
        #expect(nothing == .nothing)
    }

    @Test(
        "no answer ends the process, whatever a receiver says",
        arguments: [
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 99999999999 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz",
            "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 \r\n\r\n", "\r\n\r\n",
            "what is this?", "",
        ]
    )
    func oddAnswers(text: String) async throws {
        for _ in 0..<20 {
            let server = try OneAnswer(text)
            _ = try await OffPool.run {
                let answer = WebhookPost().send(
                    Secret("http://127.0.0.1:\(server.port)/"),
                    [],
                    Array("{}".utf8)
                )
                return (answer, server.request()).0
            }
        }
    }
}
