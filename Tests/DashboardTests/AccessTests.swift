import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Shared
import Testing

@testable import growth_dashboard

@Suite("Access")
struct AccessTests {
    private static let token = "a-long-enough-token"
    private static let guarded = [
        "/dashboard/kpi", "/dashboard/series", "/dashboard/series.csv", "/dashboard/skus",
        "/dashboard/alerts",
        "/metrics",
    ]

    private static func dashboard() throws -> DashboardUnderTest {
        var dashboard = try DashboardUnderTest()
        dashboard.configuration.token = Secret(token)
        return dashboard
    }

    @Test("without the token nothing is shown", arguments: guarded)
    func closed(uri: String) async throws {
        let dashboard = try Self.dashboard()
        for headers in [
            [:], ["Authorization": "Bearer wrong"], ["Authorization": "Bearer "],
            ["Authorization": Self.token],
            ["Cookie": "growth_session=9999999999.00"], ["Cookie": "growth_session=\(Self.token)"],
        ] {
            let answer = try await dashboard.request(uri, headers: headers)
            #expect(answer.status == 401)
            #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            #expect(!answer.text.contains("dnr"))
        }
        let answer = try await dashboard.request(uri, headers: ["Authorization": "bearer \(Self.token)"])
        #expect(answer.status == 200)
    }

    @Test("signing in sets a cookie that opens the page until it expires")
    func session() async throws {
        var dashboard = try Self.dashboard()
        let page = try await dashboard.request("/")
        #expect(page.status == 401)
        #expect(page.text.contains("name=\"token\""))
        let wrong = try await dashboard.request("/login", method: .post, body: "token=nope")
        #expect(wrong.status == 401)
        #expect(wrong.header("Set-Cookie") == nil)
        let right = try await dashboard.request("/login", method: .post, body: "token=\(Self.token)")
        #expect(right.status == 303)
        let cookie = try #require(right.header("Set-Cookie"))
        #expect(cookie.contains("; HttpOnly; SameSite=Strict"))
        #expect(!cookie.contains(Self.token))
        let session = ["Cookie": String(cookie.prefix { $0 != ";" })]
        #expect(try await dashboard.request("/", headers: session).status == 200)
        #expect(try await dashboard.request("/dashboard/kpi", headers: session).status == 200)
        dashboard.clock.now = Story.now.advanced(byMilliseconds: Authenticator.sessionSeconds * 1000)
        #expect(try await dashboard.request("/dashboard/kpi", headers: session).status == 401)
    }

    @Test("a session ends with the token under which it began")
    func newToken() async throws {
        let old = Authenticator(token: Secret("old")).newSession(at: Story.now)
        let renewed = Authenticator(token: Secret("new"))
        #expect(renewed.access(authorization: nil, session: old, at: Story.now) == .none)
    }

    @Test("behind a proxy with TLS the cookie is for TLS alone")
    func secureCookie() async throws {
        let answer = try await Self.dashboard().request(
            "/login",
            method: .post,
            headers: ["X-Forwarded-Proto": "https"],
            body: "token=\(Self.token)"
        )
        #expect(answer.header("Set-Cookie")?.hasSuffix("; Secure") == true)
    }

    @Test(
        "another site can't make a visitor's browser change anything",
        arguments: [
            (Access.cookie, nil, nil, false), (.cookie, "same-origin", nil, true),
            (.cookie, "cross-site", "http://localhost", false), (.cookie, "same-site", nil, false),
            (.cookie, nil, "http://localhost", true), (.cookie, nil, "https://shop.example", true),
            (.cookie, nil, "http://evil.example", false), (.cookie, nil, "null", false),
            (.open, nil, nil, true), (.open, "cross-site", nil, false),
            (.open, nil, "http://evil.example", false),
            (.bearer, "cross-site", "http://evil.example", true), (.none, "same-origin", nil, false),
        ] as [(Access, String?, String?, Bool)]
    )
    func origin(access: Access, fetchSite: String?, origin: String?, isAllowed: Bool) {
        let check = SameOrigin(
            fetchSite: fetchSite,
            origin: origin,
            host: "localhost",
            forwardedHost: "shop.example"
        )
        #expect(check.allows(access) == isAllowed)
    }

    @Test("a change from elsewhere is refused and changes nothing")
    func forgery() async throws {
        let dashboard = try DashboardUnderTest()
        let answer = try await dashboard.request(
            "/dashboard/alerts/7/ack",
            method: .post,
            headers: ["Origin": "http://evil.example"]
        )
        #expect(answer.status == 403)
        #expect(dashboard.store.current.alerts.allSatisfy { $0.acknowledgedAt == nil })
        let own = try await dashboard.request(
            "/dashboard/alerts/7/ack",
            method: .post,
            headers: ["Origin": "http://localhost"]
        )
        #expect(own.status == 200)
    }

    @Test("a listener that strangers can reach needs a token")
    func publicListener() throws {
        var dashboard = try DashboardUnderTest()
        dashboard.configuration.listen = .tcp(host: "0.0.0.0", port: 8002)
        #expect(throws: ConfigurationError.self) { try dashboard.configuration.validate() }
        dashboard.configuration.token = Secret(Self.token)
        #expect(throws: Never.self) { try dashboard.configuration.validate() }
        dashboard.configuration.token = nil
        dashboard.configuration.listen = .unix(path: "/run/growth.sock")
        #expect(throws: Never.self) { try dashboard.configuration.validate() }
    }

    @Test("whoever guesses the token too often must wait, at the form and as a bearer, and nobody else must")
    func throttle() async throws {
        var dashboard = try Self.dashboard()
        dashboard.configuration.trustedProxies = try #require(TrustedProxies("unix:"))
        let application = try dashboard.application()
        let clock = dashboard.clock
        try await application.test(.router) { client in
            func ask(_ uri: String, _ address: String, token: String?) async throws -> HTTPResponse.Status {
                var headers: HTTPFields = [.xForwardedFor: address]
                guard let token else {
                    return try await client.execute(
                        uri: uri,
                        method: .post,
                        headers: headers,
                        body: ByteBuffer(string: "token=wrong")
                    ).status
                }
                headers[.authorization] = "Bearer \(token)"
                return try await client.execute(uri: uri, method: .get, headers: headers).status
            }
            for _ in 0..<5 {
                #expect(try await ask("/login", "203.0.113.7", token: nil) == .unauthorized)
                #expect(try await ask("/dashboard/kpi", "203.0.113.7", token: "wrong") == .unauthorized)
            }
            #expect(try await ask("/login", "203.0.113.7", token: nil) == .tooManyRequests)
            #expect(try await ask("/dashboard/kpi", "203.0.113.7", token: "wrong") == .tooManyRequests)
            // Not even the right one is looked at, so that guessing on is worth nothing.
            #expect(try await ask("/dashboard/kpi", "203.0.113.7", token: Self.token) == .tooManyRequests)
            #expect(try await ask("/dashboard/kpi", "203.0.113.8", token: Self.token) == .ok)
            let session = Authenticator(token: Secret(Self.token)).newSession(at: clock.now)
            let page = try await client.execute(
                uri: "/dashboard/kpi",
                method: .get,
                headers: [.xForwardedFor: "203.0.113.7", .cookie: "growth_session=\(session)"]
            )
            #expect(page.status == .ok)
        }
    }
}
