import Foundation
import Synchronization
import TestSupport

/// Sends traffic over kept connections at a rate, each webhook again and again until it is accepted.
final class Load: Sendable {
    /// How long a client waits for an answer, in seconds.
    private static let patience = 5
    /// For how long a client tries to have a webhook accepted before it gives up.
    private static let endurance = Duration.seconds(90)

    private struct Source {
        var traffic: Traffic
        var dueAt: ContinuousClock.Instant
    }

    private let port: Int
    private let journal: Journal
    private let source: Mutex<Source>
    private let interval: Duration
    private let isHeld = Atomic(false)
    private let isStopped = Atomic(false)
    private let clients: DispatchGroup

    /// Creates a load of `rate` webhooks a second; ``start(connections:)`` begins to send.
    init(traffic: Traffic, rate: Int, port: Int, journal: Journal) {
        self.port = port
        self.journal = journal
        source = Mutex(Source(traffic: traffic, dueAt: .now))
        interval = .seconds(1) / max(1, rate)
        clients = DispatchGroup()
    }

    /// Begins to send.
    func start(connections: Int) {
        source.withLock { $0.dueAt = .now }
        for _ in 0..<connections {
            clients.enter()
            Thread.detachNewThread { [self] in
                work()
                clients.leave()
            }
        }
    }

    /// Holds the load while the queues are too long, so that they stay bounded.
    func hold(_ isHeld: Bool) {
        self.isHeld.store(isHeld, ordering: .relaxed)
    }

    /// Sends nothing new, and waits until everything that was begun is accepted or given up.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        clients.wait()
    }

    /// A webhook so large that a worker holds it for a while; it is for the caller to send.
    func heavyOrder() -> Webhook {
        source.withLock { $0.traffic.heavyOrder() }
    }

    private func work() {
        var socket: Socket?
        while !isStopped.load(ordering: .relaxed) {
            guard !isHeld.load(ordering: .relaxed) else {
                usleep(2000)
                continue
            }
            let (webhook, dueAt) = source.withLock { source in
                // What was missed while nobody could send is not made up for.
                source.dueAt = max(source.dueAt + interval, .now - .milliseconds(100))
                return (source.traffic.next(), source.dueAt)
            }
            Self.wait(until: dueAt)
            deliver(webhook, over: &socket)
        }
    }

    private static func wait(until instant: ContinuousClock.Instant) {
        let left = instant - .now
        if left > .zero { usleep(UInt32(left / .microseconds(1))) }
    }

    /// Sends a webhook until it is accepted; returns the id of its envelope, or nil when the client gave up.
    @discardableResult
    func deliver(_ webhook: Webhook, over socket: inout Socket?) -> String? {
        let deadline = ContinuousClock.now + Self.endurance
        var manner = webhook.manner
        while ContinuousClock.now < deadline {
            do {
                let open = try socket ?? Socket(port: port, timeout: Self.patience)
                socket = open
                switch manner {
                case .patient: break
                case .hangsUp(let givesUp):
                    journal.sending(webhook)
                    try open.send(webhook.request)
                    journal.count(.cut)
                    socket = nil
                    if givesUp { return nil }
                    manner = .patient
                    continue
                case .breaksOff:
                    try open.send(webhook.request.dropLast(20))
                    journal.count(.cut)
                    socket = nil
                    manner = .patient
                    continue
                }
                journal.sending(webhook)
                try open.send(webhook.request)
                let answer = try open.receive(Self.answer)
                if let envelope = answer.envelope, (200..<300).contains(answer.status) {
                    journal.accepted(webhook, envelope: envelope, isSpooled: answer.isSpooled)
                    return envelope
                }
                journal.count(.refused)
                usleep(100_000)
            } catch {
                journal.count(.unanswered)
                socket = nil
                usleep(50_000)
            }
        }
        return nil
    }

    private struct Answer {
        var status: Int
        var envelope: String?
        var isSpooled: Bool
    }

    private static func answer(_ bytes: UnsafeRawBufferPointer) -> (Answer, used: Int)? {
        guard let end = bytes.find("\r\n\r\n"), let field = bytes.find("content-length: ") else { return nil }
        let size = end + 4 + bytes.number(at: field + 16)
        guard bytes.count >= size else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: bytes[end + 4..<size])
        let envelope = body.find("\"id\":\"").map {
            String(decoding: body[($0 + 6)...].prefix(26), as: UTF8.self)
        }
        let isSpooled = body.find("spooled") != nil
        return (Answer(status: bytes.number(at: 9), envelope: envelope, isSpooled: isSpooled), size)
    }
}
