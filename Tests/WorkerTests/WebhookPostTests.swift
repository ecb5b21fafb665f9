import NIOSSL
import Shared
import SharedOutgoing
import TestSupport
import Testing

@Suite("Posts of the notifier")
struct WebhookPostTests {
    private static let post = WebhookPost()
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test("go over HTTP, bring the status and Retry-After, and follow no redirect")
    func overHTTP() async throws {
        let webhook = try AlertWebhook(
            url: "http://127.0.0.1/x",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        )
        let headers = webhook.headers(id: "ntf_1_1", body: Array("{}".utf8), at: Self.now)
        func answer(_ head: String) async throws -> (NotificationAttempt.Answer, String) {
            let server = try OneAnswer("HTTP/1.1 \(head)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            let target = try WebhookTarget("http://127.0.0.1:\(server.port)/hook?token=t")
            return try await OffPool.run {
                let answer = Self.post.send(target, headers, Array("{}".utf8))
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
        let closed = try WebhookTarget("http://127.0.0.1:\(try FreePort.find())/")
        let nothing = try await OffPool.run { Self.post.send(closed, [], []) }
        #expect(nothing == .failure(.connection))
    }

    private static func status(_ code: Int) -> NotificationAttempt.Answer { .status(code, retryAfter: nil) }

    @Test(
        "count an odd answer as what it is, and none of them ends the process",
        arguments: [
            ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", status(302)),
            ("HTTP/1.1 302 Found\r\nLocation: http://[::bad\r\nContent-Length: 0\r\n\r\n", status(302)),
            ("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"x\"\r\n\r\n", status(401)),
            // What comes before the answer is none: the final one counts, also where it never comes.
            ("HTTP/1.1 100 Continue\r\n\r\n", .failure(.noAnswer)),
            ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", status(204)),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", status(101)),
            ("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 No\r\n\r\n", status(204)),
            // A head says that the message was taken; the body is not asked for.
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", status(200)),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz", status(200)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", status(200)),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .failure(.notHTTP)),
            ("HTTP/1.1 99999999999 x\r\n\r\n", .failure(.notHTTP)),
            ("HTTP/9.9 200 OK\r\n\r\n", .failure(.notHTTP)),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .failure(.notHTTP)),
            ("HTTP/1.1 \r\n\r\n", .failure(.notHTTP)), ("what is this?", .failure(.notHTTP)),
            ("HTTP/1.1 200 OK\r\nContent-Le", .failure(.notHTTP)),
            ("\r\n\r\n", .failure(.noAnswer)), ("", .failure(.noAnswer)),
        ] as [(String, NotificationAttempt.Answer)]
    )
    func oddAnswers(text: String, expected: NotificationAttempt.Answer) async throws {
        for _ in 0..<20 {
            let server = try OneAnswer(text)
            let target = try WebhookTarget("http://127.0.0.1:\(server.port)/")
            let answer = try await OffPool.run {
                let answer = Self.post.send(target, [], Array("{}".utf8))
                return (answer, server.request()).0
            }
            #expect(answer == expected)
            let outcome = NotificationAttempt.outcome(
                of: answer,
                attempts: 0,
                createdAt: Self.now,
                now: Self.now
            )
            if expected == Self.status(200) || expected == Self.status(204) {
                #expect(outcome == .sent)
            } else {
                #expect(outcome == .retry(Self.now.advanced(byMilliseconds: NotificationAttempt.firstWait)))
            }
        }
    }

    @Test(
        "over TLS go to who has a certificate for that host, by an authority that is trusted, and to no other",
        arguments: [
            ("DNS:localhost", "localhost", true, true), ("IP:127.0.0.1", "127.0.0.1", true, true),
            ("DNS:localhost", "localhost", false, false), ("DNS:shop.example", "localhost", true, false),
            ("DNS:localhost", "127.0.0.1", true, false), ("IP:127.0.0.2", "127.0.0.1", true, false),
        ]
    )
    func overTLS(name: String, host: String, isTrusted: Bool, isDelivered: Bool) async throws {
        let answer = try await OffPool.run {
            let authority = try CertificateAuthority()
            let receiver = try TLSReceiver(certificate: authority.issue(name))
            let post = isTrusted ? WebhookPost(authorities: .file(authority.certificate)) : WebhookPost()
            let target = try WebhookTarget("https://\(host):\(receiver.port)/hook")
            let answer = post.send(target, [], Array("{}".utf8))
            #expect(receiver.requests == (isDelivered ? ["/hook"] : []))
            return answer
        }
        #expect(answer == (isDelivered ? Self.status(204) : .failure(.tls)))
    }

    @Test("over TLS without an answer say nothing of certificates")
    func hangUp() async throws {
        let answer = try await OffPool.run {
            let authority = try CertificateAuthority()
            let receiver = try TLSReceiver(certificate: authority.issue("DNS:localhost"), hangsUp: true)
            let post = WebhookPost(authorities: .file(authority.certificate))
            let target = try WebhookTarget("https://localhost:\(receiver.port)/hook")
            let answer = post.send(target, [], Array("{}".utf8))
            #expect(receiver.requests == ["/hook"])
            return answer
        }
        #expect(answer == .failure(.noAnswer))
    }
}
