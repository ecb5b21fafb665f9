import Testing

@testable import Shared

@Suite("Alerts by webhook")
struct AlertWebhookTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test("are signed as the published vector of Standard Webhooks")
    func vector() throws {
        let webhook = try AlertWebhook(url: "https://example.org/hook", secret: Self.secret)
        let headers = webhook.headers(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            body: Array(#"{"test": 2432232314}"#.utf8),
            at: Timestamp(milliseconds: 1_614_265_330_999)
        )
        #expect(
            headers.map(\.name) == ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]
        )
        #expect(headers[2].value == "1614265330")
        #expect(headers[3].value == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test("count one payout as one", arguments: [(1, 0), (1, 1), (2, 1)])
    func payouts(count: Int, wrong: Int) throws {
        let now = Timestamp(milliseconds: 1_795_428_000_000)
        let alert = Alert(
            id: 1,
            rule: .payoutUnmatched,
            scope: "shopier",
            fingerprint: "f",
            severity: .warning,
            state: .firing,
            activeSince: now,
            firedAt: now,
            detail: AlertDetail(payouts: count, discrepancies: wrong, oldestSeenAt: now)
        )
        let start =
            count == 1
            ? "1 payout of shopier is not explained by its orders"
            : "2 payouts of shopier are not explained by their orders"
        let end = wrong > 0 ? ", \(wrong) of them by lines that do not add up." : "."
        #expect(alert.sentence(base: .lira) == start + (count == 1 && wrong == 1 ? Self.one : end))
    }

    private static let one = ": its lines do not add up."

    @Test("base64 of every length is read back")
    func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(SignatureText.base64(Base64Text.encode(bytes)) == bytes)
        }
    }

    @Test(
        "go over TLS, or stay on this machine",
        arguments: [
            ("https://example.org/hook?token=x", true), ("http://127.0.0.1:9000/x", true),
            ("http://localhost/x", true), ("http://[::1]:80/x", true), ("http://example.org/x", false),
            ("http://127.0.0.1.example.org/x", false), ("http://localhost@example.org/", false),
            ("https://user:pass@example.org/", false), ("https:///x", false), ("ftp://example.org", false),
            ("https://example.org/a b", false), ("", false), ("HTTPS://Example.ORG", true),
            ("https://example.org:8443?x", true), ("https://192.0.2.1/", true),
            ("https://[2001:db8::1]/", true),
            ("https://xn--mnchen-3ya.example/", true), ("http://LocalHost/x", true),
            ("https://example.org:0/", false), ("https://example.org:65536/", false),
            ("https://example.org:/", false), ("https://example.org:+80/", false), ("https://:443/", false),
            ("https://[::1/", false), ("https://::1/", false), ("https://[example]/", false),
            ("https://[fe80::1%25eth0]/", false), ("https://exa\"mple.org/", false),
            ("https://a..org/", false),
            ("https://a%2Eorg/", false), ("https://example.org./", false), ("https://127.1/", false),
            ("https://0x7f.0.0.1/", false), ("https://1.2.3.4.5/", false), ("http://127.1/", false),
            ("http://[::1]x/", false), ("https://example.org/#token", false), ("https:/example.org", false),
            ("https://münchen.example/", false),
        ]
    )
    func urls(url: String, isAllowed: Bool) {
        let webhook = try? AlertWebhook(url: url, secret: Self.secret)
        #expect((webhook != nil) == isAllowed, "\(url)")
    }

    @Test("go where the URL says, and to the port of its scheme")
    func target() throws {
        let target = try WebhookTarget("HTTPS://Example.org/a%20b/{x}?token=T0KEN&y[]=%zz")
        #expect(target.isSecure && !target.isAddress && target.host == "example.org" && target.port == 443)
        #expect(target.authority == "example.org" && target.path == "/a%20b/{x}?token=T0KEN&y[]=%zz")
        let local = try WebhookTarget("http://[::1]:8080?x=/")
        #expect(!local.isSecure && local.isAddress && local.host == "::1" && local.port == 8080)
        #expect(local.authority == "[::1]:8080" && local.path == "/?x=/")
        #expect(try WebhookTarget("https://192.0.2.1").isAddress)
        #expect(!"\(target) \(String(reflecting: target))".contains("T0KEN"))
    }

    @Test(
        "whose URL can't be used say what is wrong, not with what",
        arguments: [
            ("ftp://T0KEN/", "on this machine"), ("http://T0KEN/", "https://"), ("https://T0KEN@a/", "user"),
            ("https://T0KEN:0/", "port"), ("https://a/#T0KEN", "#"), ("https://T0KEN./", "host"),
            ("https://T0KEN/ ", "ASCII"), ("https://T0KEN/" + String(repeating: "x", count: 2048), "2048"),
        ]
    )
    func problems(url: String, word: String) {
        let problem = #expect(throws: AlertWebhook.Problem.self) {
            try AlertWebhook(url: url, secret: Self.secret)
        }
        #expect(problem?.isOfSecret == false)
        #expect(problem?.what.contains(word) == true && problem?.what.contains("T0KEN") == false)
    }

    @Test("need a secret of 24 to 64 bytes", arguments: ["", "x", "whsec_", "whsec_AAAA", "whsec_!!"])
    func secrets(secret: String) {
        let problem = #expect(throws: AlertWebhook.Problem.self) {
            try AlertWebhook(url: "https://example.org", secret: secret)
        }
        #expect(problem?.isOfSecret == true)
    }

    @Test("an attempt is waited for longer each time, as long as asked, and not for ever")
    func attempts() {
        let start = Timestamp(milliseconds: 1_800_000_000_000)
        func outcome(_ answer: NotificationAttempt.Answer, _ attempts: Int = 0, age: Int64 = 0) -> Int64? {
            let now = start.advanced(byMilliseconds: age)
            switch NotificationAttempt.outcome(of: answer, attempts: attempts, createdAt: start, now: now) {
            case .sent: return 0
            case .retry(let instant): return instant.milliseconds(since: now) / 1000
            case .givenUp: return nil
            }
        }
        func status(_ code: Int, _ retryAfter: String? = nil) -> NotificationAttempt.Answer {
            .status(code, retryAfter: retryAfter)
        }
        #expect(outcome(status(200)) == 0 && outcome(status(204)) == 0)
        #expect(
            [0, 1, 2, 6, 7, 8, 100].map { outcome(.failure(.noAnswer), $0) } == [
                30, 60, 120, 1920, 3600, 3600, 3600,
            ]
        )
        #expect(outcome(status(301)) == 30 && outcome(status(404)) == 30 && outcome(status(500)) == 30)
        #expect(outcome(status(410)) == nil)
        #expect(outcome(status(429, "7200")) == 7200 && outcome(status(503, " 90 ")) == 90)
        #expect(outcome(status(429, "5")) == 30 && outcome(status(500, "7200")) == 30)
        #expect(outcome(status(429, "99999999999")) == 86_400 && outcome(status(429, "soon")) == 30)
        #expect(outcome(status(429, "-5")) == 30)
        // 1,800,000,000 is Fri, 15 Jan 2027 08:00:00 GMT.
        #expect(outcome(status(429, "Fri, 15 Jan 2027 08:10:00 GMT")) == 600)
        #expect(outcome(status(429, "Fri, 15 Jan 2027 07:10:00 GMT")) == 30)
        #expect(outcome(status(429, "Fri, 32 Jan 2027 07:10:00 GMT")) == 30)
        let lifetime = NotificationAttempt.lifetime
        #expect(
            outcome(.failure(.noAnswer), age: lifetime - 1) == 30
                && outcome(.failure(.noAnswer), age: lifetime) == nil
        )
    }

    @Test("say what, how much and since when, and nothing about people")
    func body() throws {
        let alert = Alert(
            id: 7,
            rule: .revenueDip,
            scope: "*",
            fingerprint: "f",
            severity: .critical,
            state: .firing,
            activeSince: Timestamp(milliseconds: 1_800_000_000_000),
            firedAt: Timestamp(milliseconds: 1_800_000_000_000),
            acknowledgedBy: "Jane Doe",
            detail: AlertDetail(date: BusinessDate("2027-01-14"), previousMinor: 30_500, currentMinor: 24_000)
        )
        let notification = AlertNotification(
            id: 1,
            event: .fired,
            sequence: 1,
            alert: alert,
            createdAt: Timestamp(milliseconds: 1_800_000_000_000),
            attempts: 0
        )
        let root = try JSONDocument(notification.body(base: .lira)).root
        #expect(root["type"].string == "alert.fired" && root["data"]["cur"].int64 == 24_000)
        #expect(
            root["text"].string
                == "Critical: Net revenue of 2027-01-14 was 240.00 TRY, after 305.00 TRY the day before."
        )
        #expect(!String(decoding: notification.body(base: .lira), as: UTF8.self).contains("Jane"))
        #expect(notification.messageID == "ntf_7_1")
    }
}
