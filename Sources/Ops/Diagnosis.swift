import Foundation
import Shared
import SharedRedis
import SharedRuntime
import SharedStore

/// What growthctl doctor looks at.
struct Diagnosis {
    /// What one look found.
    struct Finding {
        /// What was looked at.
        let check: String
        /// Whether it is as it should be.
        let isFine: Bool
        /// Whether it is worth a thought, although nothing is wrong.
        var isHint = false
        /// How it is, or what is wrong and what to do.
        let text: String

        /// Its name in the table.
        var state: String { isFine ? isHint ? "hint" : "ok" : "wrong" }
    }

    /// How far the clocks of this machine and of Redis may be apart, in milliseconds.
    private static let clockTolerance: Int64 = 5000
    /// No clock that is right shows an earlier time: 2025-01-01T00:00:00Z.
    private static let earliest = Timestamp(milliseconds: 1_735_689_600_000)

    /// The settings, with absolute paths: what is advised is copied into other shells.
    let settings: Settings
    /// The machine's time.
    let now: Timestamp

    init(settings: Settings, now: Timestamp) {
        var settings = settings
        for path in [\Settings.home, \.databasePath, \.pseudonymKeyFile, \.mappingsFolder] {
            settings[keyPath: path] = Ops.absolute(settings[keyPath: path])
        }
        settings.sealPublicKeyFile = settings.sealPublicKeyFile.map(Ops.absolute)
        (self.settings, self.now) = (settings, now)
    }

    /// Looks at everything; what is wrong in one place stops no other look.
    func run() -> [Finding] {
        let (redis, folder) = redis()
        if let missing = missingInstallation() {
            // What lies in other folders of these names is not ours.
            return [missing] + redis + [zone(), exposure()]
        }
        return redis + [database()] + disks(redisFolder: folder) + [
            payouts(), notifications(), rates(), zone(), keyRing(), sealKey(), mappings(), exposure(),
            spool(),
        ]
    }

    /// Looks at Redis; also tells the folder of its files, where that is known.
    private func redis() -> (findings: [Finding], folder: String?) {
        if let error = Ops.stoppedRedis() {
            return ([Finding(check: "redis", isFine: false, text: "\(error)"), time(of: nil)], nil)
        }
        let client = Ops.redis(settings)
        do {
            let condition = try RedisCondition(of: client)
            let wrong = condition.findings.map { Finding(check: "redis", isFine: false, text: $0.message) }
            let fine = Finding(
                check: "redis",
                isFine: true,
                text: "Redis \(condition.version) answers, evicts nothing and writes an append-only file."
            )
            let findings =
                (wrong.isEmpty ? [fine] : wrong) + [try time(client)] + (try keys(client))
                + (try installation(client)) + (try care(client)) + (try work(client))
            return (findings, redisFolder(client))
        } catch {
            return ([Finding(check: "redis", isFine: false, text: "\(error)"), time(of: nil)], nil)
        }
    }

    /// Whether every key holds what the engine puts there.
    private func keys(_ client: RedisClient) throws(QueueError) -> [Finding] {
        let wrong = try RedisQueueInspector(client: client)
            .wrongKeys(of: ProviderCatalog.adapters.map(\.source))
        guard !wrong.isEmpty else {
            return [Finding(check: "queues", isFine: true, text: "Every key in Redis is of its type.")]
        }
        return wrong.map { key in
            Finding(
                check: "queues",
                isFine: false,
                text: "\(key.key) has the wrong type \(key.type) instead of \(key.expected), so another "
                    + "program wrote it. Look at it, then move it away: "
                    + "redis-cli RENAME \(key.key) wrong:\(key.key)"
            )
        }
    }

    /// Whether another database's workers take jobs from the same queues.
    private func installation(_ client: RedisClient) throws(QueueError) -> [Finding] {
        let mark = try? Ops.store(settings, access: .reports).installation()
        guard let mark, let problem = try RedisInstallation.problem(for: mark, client) else { return [] }
        return [Finding(check: "redis", isFine: false, text: problem)]
    }

    private func time(_ client: RedisClient) throws(QueueError) -> Finding {
        time(of: try RedisTime.now(client))
    }

    private func time(of redis: Timestamp?) -> Finding {
        let difference = redis.map { abs($0.milliseconds - now.milliseconds) } ?? 0
        let text: String
        if now < Self.earliest {
            text = "The machine's clock shows \(now): set it, and let chrony or systemd-timesyncd keep it."
        } else if difference > Self.clockTolerance {
            text =
                "The clocks of this machine and of Redis are \(difference / 1000) s apart: "
                + "let chrony or systemd-timesyncd keep both."
        } else {
            return Finding(check: "time", isFine: true, text: "It is \(now).")
        }
        return Finding(check: "time", isFine: false, text: text)
    }

    private func zone() -> Finding {
        let day = settings.calendar.date(of: now)
        return Finding(
            check: "zone",
            isFine: true,
            text: "\(settings.calendar.identifier) is known; its day is \(day)."
        )
    }

    private func keyRing() -> Finding {
        do {
            let ring = try KeyRingFile.read(settings.pseudonymKeyFile)
            let text = "\(settings.pseudonymKeyFile) is private; \(ring.activeKeyID) is active."
            return Finding(check: "key", isFine: true, text: text)
        } catch {
            guard case .missing(let path) = error,
                SQLiteStore.contents(ofFile: settings.databasePath) != .nothing
            else { return Finding(check: "key", isFine: false, text: "\(error)") }
            return Finding(
                check: "key",
                isFine: false,
                text: "There is no pseudonym key in \(path), and the database needs the one that was there. "
                    + "Put its copy back: with another, no customer of before is found or erased."
            )
        }
    }

    private func sealKey() -> Finding {
        let path = settings.sealPublicKeyFile ?? settings.defaultSealPublicKeyFile
        func hint(_ text: String) -> Finding {
            Finding(check: "seal", isFine: true, isHint: true, text: text)
        }
        do {
            let key = try SealKeyFile.publicKey(path)
            let privateFiles = [
                settings.defaultSealPrivateKeyFile,
                URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("seal.key")
                    .path,
            ]
            if let file = privateFiles.first(where: { FileManager.default.fileExists(atPath: $0) }) {
                return hint("\(file) opens everything that is sealed: move it to another machine.")
            }
            return Finding(check: "seal", isFine: true, text: "\(path) holds the key \(key.id).")
        } catch {
            guard settings.sealPublicKeyFile == nil, case .missing = error else {
                return Finding(check: "seal", isFine: false, text: "\(error)")
            }
            let privateFile = settings.defaultSealPrivateKeyFile
            guard FileManager.default.fileExists(atPath: privateFile) else {
                return hint(
                    "Bodies that can't be redacted are dropped. Make a key: growthctl sealed keygen"
                )
            }
            return hint(
                "Bodies that can't be redacted are dropped: \(path) is gone, and \(privateFile) is there. "
                    + "Put the copy of the first back; or keep the second elsewhere, since it opens what was "
                    + "sealed, and make a new pair: growthctl sealed keygen"
            )
        }
    }

    private func mappings() -> Finding {
        do {
            let names = try MappingFolder.read(
                settings.mappingsFolder,
                mayBeMissing: settings.mappingsFolder == "\(settings.home)/mappings"
            ).keys.sorted()
            let text = names.isEmpty ? "There are none." : names.joined(separator: ", ")
            return Finding(check: "mappings", isFine: true, text: text)
        } catch {
            return Finding(check: "mappings", isFine: false, text: error.problems.joined(separator: "; "))
        }
    }
}
