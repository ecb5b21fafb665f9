/// The names of all settings, to tell a misspelt one, which nothing would read.
public enum SettingNames {
    private static let prefix = "GROWTH_"

    /// What the programs read.
    static let known: Set<String> = [
        "GROWTH_ALERT_WEBHOOK_SECRET", "GROWTH_ALERT_WEBHOOK_URL", "GROWTH_ALLOW_UNSIGNED",
        "GROWTH_BASE_CURRENCY", "GROWTH_BASE_PATH", "GROWTH_BATCH_SIZE", "GROWTH_BODY_RETENTION_DAYS",
        "GROWTH_CLEAR_AFTER_DAYS", "GROWTH_CLEAR_ON_PAID", "GROWTH_DASHBOARD_LISTEN",
        "GROWTH_DASHBOARD_PAGE", "GROWTH_DASHBOARD_TOKEN", "GROWTH_DATABASE_URL", "GROWTH_HOME",
        "GROWTH_INTAKE_LISTEN", "GROWTH_LEASE_SECONDS", "GROWTH_LOG_LEVEL", "GROWTH_MAPPINGS",
        "GROWTH_MAX_BODY_BYTES", "GROWTH_MAX_CONNECTIONS_PER_CLIENT", "GROWTH_PII_KEY_FILE",
        "GROWTH_QUEUE_HARD_LIMIT", "GROWTH_QUEUE_SOFT_LIMIT", "GROWTH_REDIS_URL",
        "GROWTH_SEAL_PUBLIC_KEY_FILE", "GROWTH_SOURCE_WEIGHTS", "GROWTH_SPOOL_MAX_BYTES", "GROWTH_TIMEZONE",
        "GROWTH_TRUSTED_PROXIES", "GROWTH_VEGA_DIR", "GROWTH_WORKER_LISTEN",
    ]

    /// How the names begin that only the project's own tests and measurements read.
    private static let ofTests = [
        "CHAOS", "FULL", "FUZZ", "JSON", "QUARTER", "SCREENSHOTS", "SHARED", "TEST",
    ]

    /// How the names of what a source's deliveries prove end; a wrong name before it is an error of its own.
    private static let endings = ["_SECRETS", "_SHOPS", "_OSB"]

    /// What orchestrators tell each container of a service called `growth-intake` or the like (Kubernetes,
    /// "Discovering services", and Docker's links).
    private static let ofServices = ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"]

    /// Returns the names that look like settings and are none, each with what it may have been meant to be.
    ///
    /// - Parameter names: The names of all environment variables.
    /// - Returns: One sentence each, without a value, sorted.
    public static func problems(in names: some Sequence<String>) -> [String] {
        names.filter(isUnknown).sorted().map { name in
            let meant = nearest(to: name).map { "; did you mean \($0)?" } ?? "."
            return "\(name) is no setting and nothing reads it\(meant)"
        }
    }

    private static func isUnknown(_ name: String) -> Bool {
        guard name.hasPrefix(prefix), !known.contains(name) else { return false }
        let rest = name.dropFirst(prefix.count)
        return !ofTests.contains { rest == $0 || rest.hasPrefix("\($0)_") }
            && !endings.contains { name.hasSuffix($0) }
            && !ofServices.contains { rest.hasSuffix($0) || rest.contains("\($0)_") }
    }

    /// The setting that a name was most likely meant to be: it lacks an `S`, or differs in two letters.
    private static func nearest(to name: String) -> String? {
        let plural = "\(name)S"
        if endings.contains(where: { plural.hasSuffix($0) }), let source = secretName(in: plural),
            ProviderCatalog.isSecretName(source)
        {
            return plural
        }
        return known.sorted().map { ($0, distance(from: name, to: $0)) }
            .filter { $0.1 <= 2 }.min { $0.1 < $1.1 }?.0
    }

    private static func secretName(in name: String) -> String? {
        endings.first { name.hasSuffix($0) }
            .map { name.dropFirst(prefix.count).dropLast($0.count).lowercased() }
    }

    /// How many letters have to be put in, left out or exchanged.
    private static func distance(from first: String, to second: String) -> Int {
        let (first, second) = (Array(first.utf8.prefix(64)), Array(second.utf8))
        var row = Array(0...second.count)
        for (line, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in second.indices {
                let changed = diagonal + (letter == second[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[second.count]
    }
}
