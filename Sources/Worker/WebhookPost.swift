import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Shared
import Synchronization

/// Posts a body over HTTP and waits for the head of the answer; what follows the head is not read.
///
/// Redirects are answers: a URL that an operator chose does not lead elsewhere. Not Foundation's client: it
/// ends the process where an answer is none of HTTP's.
struct WebhookPost {
    /// How long an attempt may take, in seconds.
    static let timeLimit: Int64 = 10

    /// One for the process, which lives as long as it does.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
        configuration: {
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            configuration.httpVersion = .http1Only
            // The outbox tries again, at its own pace.
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.timeout.connect = .seconds(timeLimit)
            configuration.timeout.read = .seconds(timeLimit)
            return configuration
        }()
    )

    /// Sends the body and returns what the receiver said.
    func send(
        _ url: Secret,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> NotificationAttempt.Answer {
        var fields = HTTPHeaders(headers)
        fields.add(name: "user-agent", value: "growth-engine")
        fields.add(name: "connection", value: "close")
        guard
            let request = try? HTTPClient.Request(
                url: String(decoding: url.bytes, as: UTF8.self),
                method: .POST,
                headers: fields,
                body: .bytes(body)
            )
        else { return .nothing }
        let reader = HeadReader()
        let task = Self.client.execute(
            request: request,
            delegate: reader,
            deadline: .now() + .seconds(Self.timeLimit)
        )
        // What ended it does not matter: it was cancelled after the head, or there was none.
        _ = try? task.wait()
        return reader.answer
    }
}

/// Takes the head of an answer, and hangs up.
private final class HeadReader: HTTPClientResponseDelegate {
    private let head = Mutex<NotificationAttempt.Answer>(.nothing)

    var answer: NotificationAttempt.Answer { head.withLock { $0 } }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let retryAfter = head.headers.first(name: "retry-after")
        self.head.withLock { $0 = .status(Int(head.status.code), retryAfter: retryAfter) }
        task.cancel()
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {}
}
