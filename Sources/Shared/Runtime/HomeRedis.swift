public import Foundation
public import Shared

/// The Redis of a folder of state, where `GROWTH_REDIS_URL` names none.
///
/// `deploy/up` gives a folder a Redis of its own and writes down where it runs: another folder's may have
/// port 6379.
public enum HomeRedis: Hashable, Sendable {
    /// A setting names it, or nothing shows that the folder has one of its own.
    case asSet
    /// `deploy/up` runs it there; the URL may hold a password.
    case running(Secret)
    /// The folder has one of its own, which does not run.
    case stopped(home: String)

    private static let key = "GROWTH_REDIS_URL"

    /// Looks at the folder that the environment names; one that can't be read ends the process with code 78.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard environment[Self.key]?.isEmpty != false else {
            self = .asSet
            return
        }
        let home = environment["GROWTH_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "var"
        let file = "\(home)/redis.url"
        if Self.isHeld("\(home)/up.lock"), let url = Self.read(file) {
            self = .running(Secret(url))
        } else if Self.exists("\(home)/redis") || Self.exists(file) {
            // The file is of a Redis that is gone: what has its port now may be another folder's.
            self = .stopped(home: URL(fileURLWithPath: home).standardizedFileURL.path)
        } else {
            self = .asSet
        }
    }

    /// Returns the settings of a program that needs Redis.
    ///
    /// Ends the process as ``ProgramStart/settings(environment:)`` does, or with code 69 where the folder's
    /// own Redis does not run: the one at the default address would be another folder's.
    public static func settings() -> Settings {
        let redis = HomeRedis()
        let settings = ProgramStart.settings(environment: redis.merged())
        if let problem = redis.problem { ProgramStart.refuse(problem, code: ProgramStart.exitUnavailable) }
        return settings
    }

    /// The environment with the address of the Redis that runs.
    public func merged(
        into environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        guard case .running(let url) = self else { return environment }
        return environment.merging([Self.key: String(decoding: url.bytes, as: UTF8.self)]) { $1 }
    }

    /// Why Redis can't be used, and what to do; nil where it may be tried.
    public var problem: String? {
        guard case .stopped(let home) = self else { return nil }
        return "The Redis of \(home) does not run: start deploy/up, or set \(Self.key)."
    }

    /// Whether `deploy/up`, or what a killed one left running, holds the folder's lock.
    private static func isHeld(_ lock: String) -> Bool {
        let descriptor = open(lock, O_RDONLY | O_CLOEXEC)
        // A lock that can't be looked at may be held.
        guard descriptor >= 0 else { return errno != ENOENT && errno != ENOTDIR }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Returns the file's first line; nil when there is none, since Redis does not run yet.
    private static func read(_ path: String) -> String? {
        if let data = FileManager.default.contents(atPath: path) {
            return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).first.map(
                String.init
            )
        }
        guard exists(path) else { return nil }
        // Another Redis than the one that runs would be worse than none.
        ProgramStart.refuse(
            "\(path) can't be read, which says where Redis is: run this as the user of deploy/up, or set "
                + "\(key).",
            code: ProgramStart.exitConfiguration
        )
    }

    private static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }
}
