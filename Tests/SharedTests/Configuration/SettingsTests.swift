import Testing

@testable import Shared

@Suite("Settings")
struct SettingsTests {
    private func problems(_ environment: [String: String]) -> [String] {
        do {
            _ = try Settings(environment: environment)
            return []
        } catch {
            return error.problems
        }
    }

    @Test(
        "clearing names sources that sell; an alert webhook has a URL and a secret, which are never repeated"
    )
    func moneyAndAlerts() throws {
        let settings = try Settings(environment: [
            "GROWTH_CLEAR_AFTER_DAYS": "shopier=14", "GROWTH_CLEAR_ON_PAID": "generic",
            "GROWTH_ALERT_WEBHOOK_URL": "https://example.org/hook?token=T0KEN",
            "GROWTH_ALERT_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ])
        #expect(settings.clearing.afterDays == [SourceID(literal: "shopier"): 14])
        #expect(settings.clearing.onPaid == [SourceID(literal: "generic")])
        #expect(try settings.alertWebhook?.target == WebhookTarget("https://example.org/hook?token=T0KEN"))
        #expect(problems(["GROWTH_CLEAR_AFTER_DAYS": "payouts=14"]).count == 1)
        #expect(problems(["GROWTH_ALERT_WEBHOOK_SECRET": "whsec_MfKQ"]).count == 1)
        #expect(problems(["GROWTH_ALERT_WEBHOOK_URL": "https://example.org/T0KEN"]).count == 1)
        for (url, secret) in [
            ("ftp://T0KEN", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), ("https://a", "T0KEN"),
        ] {
            let found = problems(["GROWTH_ALERT_WEBHOOK_URL": url, "GROWTH_ALERT_WEBHOOK_SECRET": secret])
            #expect(found.count == 1 && !found.joined().contains("T0KEN"))
        }
    }

    @Test("has the documented defaults")
    func defaults() throws {
        let settings = try Settings(environment: [:])
        #expect(settings.home == "var")
        #expect(settings.redisURL == Secret("redis://127.0.0.1:6379/0"))
        #expect(settings.databasePath == "var/growth_engine.db")
        #expect(settings.intakeListen == .tcp(host: "127.0.0.1", port: 8001))
        #expect(settings.dashboardListen == .tcp(host: "127.0.0.1", port: 8002))
        #expect(settings.workerListen == .tcp(host: "127.0.0.1", port: 8003))
        #expect(settings.basePath.isEmpty)
        #expect(settings.pseudonymKeyFile == "var/pii.key")
        #expect(settings.sealPublicKeyFile == nil)
        #expect(settings.defaultSealPublicKeyFile == "var/seal.pub")
        #expect(settings.defaultSealPrivateKeyFile == "var/seal.key")
        #expect(settings.calendar.identifier == "Europe/Istanbul")
        #expect(settings.baseCurrency == .lira)
        #expect(settings.secrets.isEmpty)
        #expect(settings.allowUnsigned == .loopback)
        #expect(settings.dashboardToken == nil)
        #expect(settings.maxBodyBytes == 2_097_152)
        #expect(settings.maxConnectionsPerClient == 1024)
        #expect(settings.trustedProxies.isEmpty)
        #expect(settings.mappingsFolder == "var/mappings")
        #expect(settings.vegaFolder == "var/vega")
        #expect(settings.batchSize == 256)
        #expect(settings.leaseSeconds == 15)
        #expect(settings.clearing == ClearingRules() && settings.alertWebhook == nil)
        #expect(settings.depthLimits == DepthLimits(soft: 100_000, hard: 1_000_000))
        #expect(settings.sourceWeights == SourceWeights())
        #expect(settings.logLevel == .info)
    }

    @Test("reads every key")
    func everyKey() throws {
        let settings = try Settings(environment: [
            "GROWTH_HOME": "/srv/growth", "GROWTH_REDIS_URL": "unix:///run/redis.sock",
            "GROWTH_DATABASE_URL": "sqlite:/data/a.db", "GROWTH_INTAKE_LISTEN": "0.0.0.0:80",
            "GROWTH_DASHBOARD_LISTEN": "unix:/run/page.sock", "GROWTH_WORKER_LISTEN": "[::1]:9000",
            "GROWTH_BASE_PATH": "/growth/v1", "GROWTH_PII_KEY_FILE": "/keys/ring",
            "GROWTH_SEAL_PUBLIC_KEY_FILE": "/keys/seal",
            "GROWTH_TIMEZONE": "America/New_York", "GROWTH_BASE_CURRENCY": "usd",
            "GROWTH_ALLOW_UNSIGNED": "never", "GROWTH_DASHBOARD_TOKEN": "hush",
            "GROWTH_MAX_BODY_BYTES": "1024", "GROWTH_MAX_CONNECTIONS_PER_CLIENT": "10",
            "GROWTH_MAPPINGS": "/maps", "GROWTH_VEGA_DIR": "/vega",
            "GROWTH_TRUSTED_PROXIES": "10.0.0.0/8, unix:",
            "GROWTH_BATCH_SIZE": "4096", "GROWTH_LEASE_SECONDS": "300", "GROWTH_LOG_LEVEL": "debug",
            "GROWTH_QUEUE_SOFT_LIMIT": "10", "GROWTH_QUEUE_HARD_LIMIT": "20",
            "GROWTH_SOURCE_WEIGHTS": "generic=4,payouts=2",
        ])
        #expect(settings.depthLimits == DepthLimits(soft: 10, hard: 20))
        #expect(settings.maxConnectionsPerClient == 10)
        #expect(settings.sourceWeights[SourceID(literal: "generic")] == 4)
        #expect(settings.sourceWeights[SourceID(literal: "fulfilment")] == 1)
        #expect(settings.home == "/srv/growth")
        #expect(settings.redisURL == Secret("unix:///run/redis.sock"))
        #expect(settings.databasePath == "/data/a.db")
        #expect(settings.intakeListen == .tcp(host: "0.0.0.0", port: 80))
        #expect(settings.dashboardListen == .unix(path: "/run/page.sock"))
        #expect(settings.workerListen == .tcp(host: "::1", port: 9000))
        #expect(settings.trustedProxies.contains(.unixSocket))
        #expect(settings.basePath == "/growth/v1")
        #expect(settings.pseudonymKeyFile == "/keys/ring")
        #expect(settings.sealPublicKeyFile == "/keys/seal")
        #expect(settings.calendar.identifier == "America/New_York")
        #expect(settings.baseCurrency == .dollar)
        #expect(settings.allowUnsigned == .never)
        #expect(settings.dashboardToken == Secret("hush"))
        #expect(settings.maxBodyBytes == 1024)
        #expect(settings.mappingsFolder == "/maps")
        #expect(settings.vegaFolder == "/vega")
        #expect(settings.batchSize == 4096)
        #expect(settings.leaseSeconds == 300)
        #expect(settings.logLevel == .debug)
    }

    @Test("takes an empty value for an absent one, and puts all state below GROWTH_HOME")
    func emptyValues() throws {
        let settings = try Settings(environment: [
            "GROWTH_HOME": "/h", "GROWTH_BATCH_SIZE": "", "GROWTH_DASHBOARD_TOKEN": "",
            "GROWTH_GENERIC_A_SECRETS": "",
        ])
        #expect(settings.batchSize == 256)
        #expect(settings.dashboardToken == nil)
        #expect(settings.secrets.isEmpty)
        #expect(settings.databasePath == "/h/growth_engine.db")
        #expect(settings.pseudonymKeyFile == "/h/pii.key")
        #expect(settings.mappingsFolder == "/h/mappings")
        #expect(settings.vegaFolder == "/h/vega")
    }

    @Test("lists every wrong key at once and repeats no value")
    func wrongValues() {
        let wrong = [
            "GROWTH_REDIS_URL": "http://canary", "GROWTH_DATABASE_URL": "postgres://canary",
            "GROWTH_INTAKE_LISTEN": "canary", "GROWTH_DASHBOARD_LISTEN": "canary:99999",
            "GROWTH_WORKER_LISTEN": "unix:canary", "GROWTH_BASE_PATH": "canary",
            "GROWTH_TIMEZONE": "Mars/Canary", "GROWTH_BASE_CURRENCY": "canary",
            "GROWTH_ALLOW_UNSIGNED": "canary", "GROWTH_MAX_BODY_BYTES": "canary",
            "GROWTH_BATCH_SIZE": "0", "GROWTH_LEASE_SECONDS": "99999999999999999999",
            "GROWTH_LOG_LEVEL": "canary", "GROWTH_SHOPIFY_SECRETS": " , ", "GROWTH_SHOPIER_OSB": "canary",
            "GROWTH_CANARY_SECRETS": "canary", "GROWTH_TRUSTED_PROXIES": "canary",
        ]
        let found = problems(wrong)
        #expect(found.map { String($0.prefix { $0 != ":" }) } == wrong.keys.sorted())
        // The name of a key may be wrong; its value is never told.
        let text = ConfigurationError(problems: found).description
        #expect(!text.contains("canary") && !text.contains("Canary") && !text.contains("99999"))
    }

    @Test(
        "refuses a database that would be gone with the process",
        arguments: ["sqlite:", "sqlite://", "sqlite::memory:", "sqlite://:memory:", "/plain/path", "sqlite"]
    )
    func databases(url: String) {
        #expect(problems(["GROWTH_DATABASE_URL": url]).count == 1)
    }

    @Test(
        "reads the forms of a database's path",
        arguments: [("sqlite:a.db", "a.db"), ("sqlite:///a.db", "/a.db"), ("sqlite:/a.db", "/a.db")]
    )
    func databasePaths(url: String, path: String) throws {
        #expect(try Settings(environment: ["GROWTH_DATABASE_URL": url]).databasePath == path)
    }

    @Test(
        "takes numbers within their bounds only",
        arguments: [
            ("GROWTH_MAX_BODY_BYTES", ["1023", "67108865", "1e6", "-1", "2 MiB"]),
            ("GROWTH_BATCH_SIZE", ["0", "4097", "1.5", "١"]),
            ("GROWTH_LEASE_SECONDS", ["0", "301", "15s"]),
        ]
    )
    func numbers(key: String, values: [String]) {
        for value in values {
            #expect(problems([key: value]).count == 1, "\(key)=\(value)")
        }
    }

    @Test("cuts the base path to nothing or to a clean prefix")
    func basePath() throws {
        #expect(try Settings(environment: ["GROWTH_BASE_PATH": "/"]).basePath.isEmpty)
        #expect(try Settings(environment: ["GROWTH_BASE_PATH": "/a-b_c.d~/1"]).basePath == "/a-b_c.d~/1")
        for wrong in ["growth", "/growth/", "//", "/a//b", "/a b", "/a?b", "/é", "/..", "/a/./b", "/%2e"] {
            #expect(problems(["GROWTH_BASE_PATH": wrong]).count == 1, "\(wrong)")
        }
    }

    @Test("reads secrets by name, several of them, with blanks around and either case")
    func secrets() throws {
        let settings = try Settings(environment: [
            "GROWTH_SHOPIFY_SECRETS": "new, old ,", "GROWTH_GENERIC_MY_BLOG_SECRETS": "blog",
            "GROWTH_MONOLITH_SECRETS": "m", "GROWTH_SHOPIER_SECRETS": "s",
            "GROWTH_SHOPIER_OSB": "user:pass:word",
        ])
        #expect(settings.secrets(named: "shopify")?.secrets == [Secret("new"), Secret("old")])
        #expect(settings.secrets(named: "generic_my-blog")?.secrets == [Secret("blog")])
        #expect(settings.secrets(named: "GENERIC_MY_BLOG")?.secrets == [Secret("blog")])
        #expect(settings.secrets(named: "monolith")?.secrets == [Secret("m")])
        #expect(settings.secrets(named: "shopier")?.secrets == [Secret("s")])
        #expect(settings.secrets(named: "shopier")?.osbUser == "user")
        #expect(settings.secrets(named: "shopier")?.osbPassword == Secret("pass:word"))
        #expect(settings.secrets(named: "stripe") == nil)
    }

    @Test(
        "refuses secrets of a source that is none: a slip of the pen would leave the real one unsigned",
        arguments: [
            "GROWTH_SHOPFY_SECRETS", "GROWTH_SECRETS", "GROWTH_GENERIC_SECRETS", "GROWTH_GENERIC__OSB",
        ]
    )
    func secretsOfNobody(key: String) {
        #expect(problems([key: "a:b"]).map { $0.hasPrefix(key) } == [true])
    }

    @Test("reads the shops of the sources that name one, and refuses those of others")
    func shops() throws {
        let settings = try Settings(environment: [
            "GROWTH_SHOPIFY_SHOPS": "A.myshopify.com, b.myshopify.com", "GROWTH_SHOPIER_SHOPS": "42",
            "GROWTH_SHOPIFY_SECRETS": "s",
        ])
        #expect(settings.secrets(named: "shopify")?.accounts == ["a.myshopify.com", "b.myshopify.com"])
        #expect(settings.secrets(named: "shopify")?.secrets == [Secret("s")])
        #expect(settings.secrets(named: "shopier")?.accounts == ["42"])
        for key in ["GROWTH_STRIPE_SHOPS", "GROWTH_GENERIC_A_SHOPS", "GROWTH_SHOPFY_SHOPS"] {
            #expect(problems([key: "a"]).map { $0.hasPrefix(key) } == [true])
        }
        #expect(problems(["GROWTH_SHOPIFY_SHOPS": " , "]).count == 1)
    }

    @Test("shows no secret, however it is printed")
    func printing() throws {
        let settings = try Settings(environment: [
            "GROWTH_REDIS_URL": "redis://:canary@127.0.0.1", "GROWTH_STRIPE_SECRETS": "canary",
            "GROWTH_SHOPIER_OSB": "user:canary", "GROWTH_DASHBOARD_TOKEN": "canary",
        ])
        let secret = Secret("canary")
        var dumped = ""
        dump(settings, to: &dumped)
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        let texts = [
            dumped, "\(settings)", String(reflecting: settings), "\(secret)", String(describing: secret),
            String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)",
            "\(Mirror(reflecting: secret).children.map { "\($0)" })",
        ]
        for text in texts {
            // The bytes of "canary", as an array would print them.
            #expect(!text.contains("canary") && !text.contains("99, 97, 110"))
        }
        #expect("\(secret)" == "<redacted>")
        #expect(String(reflecting: secret) == "<redacted>")
    }

    @Test("accepts unsigned sources by the setting and by where the intake listens")
    func unsigned() throws {
        for (setting, listen, expected) in [
            ("loopback", "127.0.0.1:1", true), ("loopback", "0.0.0.0:1", false),
            ("loopback", "unix:/s", true), ("always", "0.0.0.0:1", true), ("never", "127.0.0.1:1", false),
        ] {
            let settings = try Settings(environment: [
                "GROWTH_ALLOW_UNSIGNED": setting, "GROWTH_INTAKE_LISTEN": listen,
            ])
            #expect(settings.acceptsUnsigned == expected, "\(setting) on \(listen)")
        }
        // A trusted proxy is there to let others in.
        for (setting, expected) in [("loopback", false), ("always", true), ("never", false)] {
            let settings = try Settings(environment: [
                "GROWTH_ALLOW_UNSIGNED": setting, "GROWTH_TRUSTED_PROXIES": "127.0.0.1",
            ])
            #expect(settings.acceptsUnsigned == expected, "\(setting) behind a proxy")
        }
    }

    @Test("a soft limit above the hard one, and weights of unknown sources, are wrong")
    func flow() {
        #expect(
            problems(["GROWTH_QUEUE_SOFT_LIMIT": "30", "GROWTH_QUEUE_HARD_LIMIT": "20"]).count == 1
        )
        // Who lowers the hard limit alone need not think of the soft one.
        #expect(problems(["GROWTH_QUEUE_HARD_LIMIT": "20"]).isEmpty)
        #expect(problems(["GROWTH_QUEUE_SOFT_LIMIT": "30", "GROWTH_QUEUE_HARD_LIMIT": "0"]).isEmpty)
        #expect(
            problems(["GROWTH_SOURCE_WEIGHTS": "nobody=2"]).first?.contains("weight from 1 to 16") == true
        )
    }
}
