/// Everything that an operator can configure, read once at start.
public struct Settings: Sendable {
    /// Whether sources without a secret are accepted.
    public enum AllowUnsigned: String, CaseIterable, Sendable {
        /// Only while the intake listens on loopback or a Unix socket and trusts no proxy.
        case loopback
        /// Always.
        case always
        /// Never.
        case never
    }

    /// How much is logged.
    public enum LogLevel: String, CaseIterable, Sendable {
        /// Everything.
        case trace
        /// What helps to find a defect.
        case debug
        /// What happens.
        case info
        /// What happens seldom.
        case notice
        /// What may need attention.
        case warning
        /// What went wrong.
        case error
        /// What ends the program.
        case critical
    }

    /// Folder of all state (`GROWTH_HOME`).
    public var home: String
    /// Where Redis is (`GROWTH_REDIS_URL`); may hold a password, hence a secret.
    public var redisURL: Secret
    /// Path of the SQLite database (`GROWTH_DATABASE_URL`, `sqlite:PATH`).
    public var databasePath: String
    /// Where the intake listens (`GROWTH_INTAKE_LISTEN`).
    public var intakeListen: ListenAddress
    /// Where the dashboard listens (`GROWTH_DASHBOARD_LISTEN`).
    public var dashboardListen: ListenAddress
    /// Where a worker answers health checks (`GROWTH_WORKER_LISTEN`).
    public var workerListen: ListenAddress
    /// Prefix under which a proxy mounts the engine (`GROWTH_BASE_PATH`): empty, or `/…` without a slash at
    /// its end.
    public var basePath: String
    /// File of the pseudonym key ring (`GROWTH_PII_KEY_FILE`).
    public var pseudonymKeyFile: String
    /// File of the public key for bodies that can't be redacted (`GROWTH_SEAL_PUBLIC_KEY_FILE`); nil when
    /// none is named: then ``defaultSealPublicKeyFile`` where it exists.
    public var sealPublicKeyFile: String?
    /// The business calendar (`GROWTH_TIMEZONE`).
    public var calendar: BusinessCalendar
    /// The currency of the headline (`GROWTH_BASE_CURRENCY`).
    public var baseCurrency: Currency
    /// What deliveries have to prove, by name: `GROWTH_<NAME>_SECRETS`, `GROWTH_<NAME>_OSB` and
    /// `GROWTH_<NAME>_SHOPS`, the name in lower case.
    public var secrets: [String: SourceSecrets]
    /// Whether sources without a secret are accepted (`GROWTH_ALLOW_UNSIGNED`).
    public var allowUnsigned: AllowUnsigned
    /// Token of the dashboard (`GROWTH_DASHBOARD_TOKEN`).
    public var dashboardToken: Secret?
    /// Largest body in bytes, 1 KiB to 64 MiB (`GROWTH_MAX_BODY_BYTES`).
    public var maxBodyBytes: Int
    /// The proxies that are believed when they say whom a request came from (`GROWTH_TRUSTED_PROXIES`).
    public var trustedProxies: TrustedProxies
    /// The most connections of one client, 0 for any number to 10,000 (`GROWTH_MAX_CONNECTIONS_PER_CLIENT`).
    public var maxConnectionsPerClient: Int
    /// Cap on the intake's disk spool in bytes, 0 for none to 1 TiB (`GROWTH_SPOOL_MAX_BYTES`).
    public var spoolMaxBytes: Int
    /// Folder of the mapping files of generic sources (`GROWTH_MAPPINGS`); files `<source>.json`.
    public var mappingsFolder: String
    /// Folder of the chart library (`GROWTH_VEGA_DIR`).
    public var vegaFolder: String
    /// Jobs per batch, 1 to 4,096 (`GROWTH_BATCH_SIZE`).
    public var batchSize: Int
    /// How long a lane's lease holds without a sign of life, 1 to 300 seconds (`GROWTH_LEASE_SECONDS`).
    public var leaseSeconds: Int
    /// How long a source's queue may grow (`GROWTH_QUEUE_SOFT_LIMIT`, `GROWTH_QUEUE_HARD_LIMIT`).
    public var depthLimits: DepthLimits
    /// How long each source's turn is (`GROWTH_SOURCE_WEIGHTS`).
    public var sourceWeights: SourceWeights
    /// How long bodies are kept, 0 to 3,650 days (`GROWTH_BODY_RETENTION_DAYS`); 0: until the next round of
    /// the worker's housekeeping.
    public var bodyRetentionDays: Int
    /// When money counts as arrived without a payout (`GROWTH_CLEAR_AFTER_DAYS`, `GROWTH_CLEAR_ON_PAID`).
    public var clearing: ClearingRules
    /// Where alerts are sent (`GROWTH_ALERT_WEBHOOK_URL`, `GROWTH_ALERT_WEBHOOK_SECRET`); nil for nowhere.
    public var alertWebhook: AlertWebhook?
    /// How much is logged (`GROWTH_LOG_LEVEL`).
    public var logLevel: LogLevel

    /// Where the public seal key lies when no file is named.
    public var defaultSealPublicKeyFile: String { "\(home)/seal.pub" }

    /// Where `growthctl sealed keygen` puts the private seal key unless told otherwise; no program reads it.
    public var defaultSealPrivateKeyFile: String { "\(home)/seal.key" }

    /// Returns the secrets of a name, compared without case and with `-` read as `_`.
    public func secrets(named name: String) -> SourceSecrets? {
        secrets[String(name.lowercased().map { $0 == "-" ? "_" : $0 })]
    }

    /// Whether others than this machine's programs reach the intake: it listens for them, or there is a proxy
    /// that it trusts, which is there to let others in.
    public var isReachable: Bool { !intakeListen.isLocal || !trustedProxies.isEmpty }

    /// Whether unsigned sources are accepted, given who reaches the intake.
    public var acceptsUnsigned: Bool {
        switch allowUnsigned {
        case .always: true
        case .never: false
        case .loopback: !isReachable
        }
    }
}
