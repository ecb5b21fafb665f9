import Dispatch
import Foundation
import Shared
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Posts a body over HTTP and waits for the head of the answer; what follows the head is not read.
///
/// Redirects are answers: a URL that an operator chose does not lead elsewhere.
struct WebhookPost {
    /// How long an attempt may take, in seconds.
    static let timeLimit: TimeInterval = 10

    /// Sends the body and returns what the receiver said.
    func send(
        _ url: Secret,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) -> NotificationAttempt.Answer {
        guard let url = URL(string: String(decoding: url.bytes, as: UTF8.self)) else { return .nothing }
        var request = URLRequest(
            url: url,
            cachePolicy: .reloadIgnoringLocalCacheData,
            timeoutInterval: Self.timeLimit
        )
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        for header in headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
        request.setValue("growth-engine", forHTTPHeaderField: "user-agent")
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Self.timeLimit
        configuration.timeoutIntervalForResource = Self.timeLimit
        configuration.httpCookieStorage = nil
        let listener = AnswerListener()
        let session = URLSession(configuration: configuration, delegate: listener, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: request)
        task.resume()
        return listener.wait(seconds: Self.timeLimit + 1)
    }
}

/// Takes the head of an answer.
private final class AnswerListener: NSObject, URLSessionDataDelegate, Sendable {
    private let answer = Mutex<NotificationAttempt.Answer>(.nothing)
    private let isDone = DispatchSemaphore(value: 0)

    func wait(seconds: TimeInterval) -> NotificationAttempt.Answer {
        _ = isDone.wait(timeout: .now() + seconds)
        return answer.withLock { $0 }
    }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        note(response)
        isDone.signal()
        completionHandler(.cancel)
    }

    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        note(response)
        // With this the task completes, and only then whoever waits goes on and cancels it: FoundationNetworking
        // traps where a task is cancelled that still waits for this word.
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        isDone.signal()
    }

    private func note(_ response: URLResponse) {
        guard let response = response as? HTTPURLResponse else { return }
        let retryAfter = response.value(forHTTPHeaderField: "retry-after")
        answer.withLock { $0 = .status(response.statusCode, retryAfter: retryAfter) }
    }
}
