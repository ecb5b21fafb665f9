/// The configuration is wrong: every wrong key with what is wrong with it, never with its value.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line per wrong key.
    public let problems: [String]

    /// Creates an error.
    public init(problems: [String]) {
        self.problems = problems
    }

    /// All problems, one a line.
    public var description: String {
        "The configuration is wrong:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension Settings {
    /// Reads the settings from environment variables; what is not set has its default.
    ///
    /// - Throws: ``ConfigurationError`` with every wrong key at once.
    public init(environment: [String: String]) throws(ConfigurationError) {
        var reader = SettingsReader(environment: environment)
        let home = reader.text("GROWTH_HOME", default: "var")
        let settings = Settings(
            home: home,
            redisURL: reader.redisURL(),
            databasePath: reader.databasePath(home: home),
            intakeListen: reader.listen("GROWTH_INTAKE_LISTEN", port: 8001),
            dashboardListen: reader.listen("GROWTH_DASHBOARD_LISTEN", port: 8002),
            workerListen: reader.listen("GROWTH_WORKER_LISTEN", port: 8003),
            basePath: reader.basePath(),
            pseudonymKeyFile: reader.text("GROWTH_PII_KEY_FILE", default: "\(home)/pii.key"),
            sealPublicKeyFile: reader.optional("GROWTH_SEAL_PUBLIC_KEY_FILE"),
            calendar: reader.calendar(),
            baseCurrency: reader.currency(),
            secrets: reader.secrets(),
            allowUnsigned: reader.choice("GROWTH_ALLOW_UNSIGNED", default: .loopback),
            dashboardToken: reader.optional("GROWTH_DASHBOARD_TOKEN").map { Secret($0) },
            maxBodyBytes: reader.integer("GROWTH_MAX_BODY_BYTES", default: 2 << 20, in: 1024...(64 << 20)),
            trustedProxies: reader.trustedProxies(),
            maxConnectionsPerClient: reader.integer(
                "GROWTH_MAX_CONNECTIONS_PER_CLIENT",
                default: 1024,
                in: 0...10_000
            ),
            spoolMaxBytes: reader.integer("GROWTH_SPOOL_MAX_BYTES", default: 1 << 30, in: 0...(1 << 40)),
            mappingsFolder: reader.text("GROWTH_MAPPINGS", default: "\(home)/mappings"),
            vegaFolder: reader.text("GROWTH_VEGA_DIR", default: "\(home)/vega"),
            batchSize: reader.integer("GROWTH_BATCH_SIZE", default: 256, in: 1...4096),
            leaseSeconds: reader.integer("GROWTH_LEASE_SECONDS", default: 15, in: 1...300),
            depthLimits: reader.depthLimits(),
            sourceWeights: reader.sourceWeights(),
            bodyRetentionDays: reader.integer("GROWTH_BODY_RETENTION_DAYS", default: 30, in: 0...3650),
            clearing: reader.clearing(),
            alertWebhook: reader.alertWebhook(),
            logLevel: reader.choice("GROWTH_LOG_LEVEL", default: .info)
        )
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems.sorted()) }
        self = settings
    }
}

/// Reads single keys and collects what is wrong with them.
private struct SettingsReader {
    let environment: [String: String]
    var problems: [String] = []

    init(environment: [String: String]) {
        self.environment = environment
    }

    func optional(_ key: String) -> String? {
        environment[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    func text(_ key: String, default fallback: String) -> String {
        optional(key) ?? fallback
    }

    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = optional(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            problems.append("\(key): must be a whole number from \(range.lowerBound) to \(range.upperBound).")
            return fallback
        }
        return value
    }

    mutating func choice<Choice>(_ key: String, default fallback: Choice) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = optional(key) else { return fallback }
        guard let value = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            problems.append("\(key): must be one of \(names).")
            return fallback
        }
        return value
    }

    mutating func listen(_ key: String, port: Int) -> ListenAddress {
        let fallback = ListenAddress.tcp(host: "127.0.0.1", port: port)
        guard let text = optional(key) else { return fallback }
        guard let address = ListenAddress(text) else {
            problems.append("\(key): must be host:port or unix:/absolute/path.")
            return fallback
        }
        return address
    }

    mutating func depthLimits() -> DepthLimits {
        let range = 0...1_000_000_000
        let soft = integer("GROWTH_QUEUE_SOFT_LIMIT", default: 100_000, in: range)
        let hard = integer("GROWTH_QUEUE_HARD_LIMIT", default: 1_000_000, in: range)
        if optional("GROWTH_QUEUE_SOFT_LIMIT") != nil, hard > 0, soft > hard {
            problems.append("GROWTH_QUEUE_SOFT_LIMIT: must not exceed GROWTH_QUEUE_HARD_LIMIT.")
        }
        return DepthLimits(soft: soft, hard: hard)
    }

    mutating func sourceWeights() -> SourceWeights {
        guard let text = optional("GROWTH_SOURCE_WEIGHTS") else { return SourceWeights() }
        let sources = ProviderCatalog.adapters.map(\.source)
        if let weights = SourceWeights(text, sources: sources) { return weights }
        let range = SourceWeights.range
        problems.append(
            "GROWTH_SOURCE_WEIGHTS: must be a list such as generic=2,payouts=1 of sources, "
                + "each with a weight from \(range.lowerBound) to \(range.upperBound)."
        )
        return SourceWeights()
    }

    mutating func clearing() -> ClearingRules {
        let rules = ClearingRules(
            afterDays: text("GROWTH_CLEAR_AFTER_DAYS", default: ""),
            onPaid: text("GROWTH_CLEAR_ON_PAID", default: ""),
            sources: ProviderCatalog.signalSources
        )
        if let rules { return rules }
        let days = ClearingRules.range
        problems.append(
            "GROWTH_CLEAR_AFTER_DAYS, GROWTH_CLEAR_ON_PAID: must be lists such as generic=14 and generic of "
                + "sources that sell, with \(days.lowerBound) to \(days.upperBound) days."
        )
        return ClearingRules()
    }

    /// The webhook to which alerts are sent; its URL may hold a token, so it is a secret like its key.
    mutating func alertWebhook() -> AlertWebhook? {
        let (url, secret) = ("GROWTH_ALERT_WEBHOOK_URL", "GROWTH_ALERT_WEBHOOK_SECRET")
        guard let text = optional(url) else {
            if optional(secret) != nil { problems.append("\(secret): is of no use without \(url).") }
            return nil
        }
        guard let key = optional(secret) else {
            problems.append("\(secret): is missing; make one of 24 to 64 random bytes: whsec_ and base64.")
            return nil
        }
        do {
            return try AlertWebhook(url: text, secret: key)
        } catch {
            problems.append("\(error.isOfSecret ? secret : url): \(error.what)")
            return nil
        }
    }

    /// The form is checked by who connects; here only what no Redis can be.
    mutating func redisURL() -> Secret {
        let text = text("GROWTH_REDIS_URL", default: "redis://127.0.0.1:6379/0")
        if !text.hasPrefix("redis://"), !text.hasPrefix("unix://") {
            problems.append("GROWTH_REDIS_URL: must begin with redis:// or unix://.")
        }
        return Secret(text)
    }

    mutating func databasePath(home: String) -> String {
        guard let text = optional("GROWTH_DATABASE_URL") else { return "\(home)/growth_engine.db" }
        let path = text.dropFirst(text.hasPrefix("sqlite://") ? 9 : 7)
        // SQLite takes an empty path and `:memory:` for a database that is gone when the process ends.
        guard text.hasPrefix("sqlite:"), !path.isEmpty, !path.hasPrefix(":memory:") else {
            problems.append(
                "GROWTH_DATABASE_URL: must be sqlite:PATH of a file; this release has no other database."
            )
            return ""
        }
        return String(path)
    }

    mutating func basePath() -> String {
        guard let text = optional("GROWTH_BASE_PATH"), text != "/" else { return "" }
        let isClean = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                true
            default: false
            }
        }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = segments.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        guard text.hasPrefix("/"), isPlain, isClean else {
            problems.append("GROWTH_BASE_PATH: must begin with / and not end with it, e.g. /growth.")
            return ""
        }
        return text
    }

    mutating func trustedProxies() -> TrustedProxies {
        let key = "GROWTH_TRUSTED_PROXIES"
        guard let text = optional(key) else { return .none }
        guard let proxies = TrustedProxies(text) else {
            problems.append(
                "\(key): must be addresses, ranges such as 10.0.0.0/8, or unix:, comma-separated."
            )
            return .none
        }
        return proxies
    }

    mutating func calendar() -> BusinessCalendar {
        let key = "GROWTH_TIMEZONE"
        if let calendar = BusinessCalendar(identifier: text(key, default: "Europe/Istanbul")) {
            return calendar
        }
        problems.append("\(key): is no zone of the tz database; on Debian, install tzdata.")
        guard let calendar = BusinessCalendar(identifier: "GMT") else {
            preconditionFailure("Foundation knows GMT without a tz database.")
        }
        return calendar
    }

    mutating func currency() -> Currency {
        guard let text = optional("GROWTH_BASE_CURRENCY") else { return .lira }
        guard let currency = Currency(text) else {
            problems.append("GROWTH_BASE_CURRENCY: must be three letters, e.g. TRY.")
            return .lira
        }
        return currency
    }

    /// `GROWTH_<NAME>_SECRETS` and `GROWTH_<NAME>_SHOPS`, comma-separated, and `GROWTH_<NAME>_OSB`,
    /// `user:password`.
    mutating func secrets() -> [String: SourceSecrets] {
        var result: [String: SourceSecrets] = [:]
        for (key, value) in environment.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            if let name = name(in: key, suffix: "_SECRETS") {
                let parts = value.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
                if parts.isEmpty { problems.append("\(key): holds no secret.") }
                result[name, default: SourceSecrets()].secrets = parts.map { Secret($0) }
            } else if let name = name(in: key, suffix: "_SHOPS") {
                result[name, default: SourceSecrets()].accounts = shops(in: value, of: name, key: key)
            } else if let name = name(in: key, suffix: "_OSB") {
                guard let colon = value.firstIndex(of: ":"), colon != value.startIndex,
                    value.index(after: colon) != value.endIndex
                else {
                    problems.append("\(key): must be user:password.")
                    continue
                }
                result[name, default: SourceSecrets()].osbUser = String(value[..<colon])
                result[name, default: SourceSecrets()].osbPassword = Secret(
                    value[value.index(after: colon)...]
                )
            }
        }
        return result
    }

    /// The accounts of a list, in lower case.
    private mutating func shops(in value: String, of name: String, key: String) -> [String] {
        guard ProviderCatalog.namesAccounts(name) else {
            problems.append("\(key): the deliveries of this source name no shop.")
            return []
        }
        let shops = value.split(separator: ",").map { $0.trimmed.lowercased() }.filter { !$0.isEmpty }
        if shops.isEmpty { problems.append("\(key): holds no shop.") }
        return shops
    }

    /// The name in a key of secrets, in lower case; nil for other keys.
    ///
    /// A name that no source has is a problem: its source would take unsigned webhooks, unnoticed.
    private mutating func name(in key: String, suffix: String) -> String? {
        let prefix = "GROWTH_"
        guard key.hasPrefix(prefix), key.hasSuffix(suffix) else { return nil }
        let name = key.dropFirst(prefix.count).dropLast(suffix.count).lowercased()
        guard ProviderCatalog.isSecretName(name) else {
            problems.append("\(key): names no source; see docs/configuration.md.")
            return nil
        }
        return name
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at either end.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
