import Foundation
import Shared
import SharedRuntime

/// The Redis that `deploy/up` chose, as it wrote it down: another may have port 6379.
enum RunningRedis {
    /// Returns the settings as ``ProgramStart/settings(environment:)`` does, with that Redis where
    /// GROWTH_REDIS_URL is not set.
    static func settings() -> Settings {
        let environment = ProcessInfo.processInfo.environment
        guard let home = home(for: environment), isHeld("\(home)/up.lock") else {
            return ProgramStart.settings()
        }
        return ProgramStart.settings(environment: merging(read("\(home)/redis.url"), into: environment))
    }

    /// Returns the folder whose file says which Redis runs; nil where a setting does.
    private static func home(for environment: [String: String]) -> String? {
        guard environment["GROWTH_REDIS_URL"]?.isEmpty != false else { return nil }
        return environment["GROWTH_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "var"
    }

    /// Whether `deploy/up`, or what a killed one left running, holds the folder's lock.
    ///
    /// When nobody does, the file is of a Redis that is gone: what has its port now may be another folder's.
    private static func isHeld(_ lock: String) -> Bool {
        let descriptor = open(lock, O_RDONLY | O_CLOEXEC)
        // A lock that can't be looked at may be held.
        guard descriptor >= 0 else { return errno != ENOENT && errno != ENOTDIR }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Returns the environment with what the file says.
    private static func merging(
        _ text: String?,
        into environment: [String: String]
    ) -> [String: String] {
        guard let line = text?.split(whereSeparator: \.isNewline).first else { return environment }
        return environment.merging(["GROWTH_REDIS_URL": String(line)]) { $1 }
    }

    /// Returns the file's text; nil when there is none, since Redis does not run yet.
    private static func read(_ path: String) -> String? {
        if let data = FileManager.default.contents(atPath: path) {
            return String(decoding: data, as: UTF8.self)
        }
        guard access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else {
            // Another Redis than the one that runs would be worse than none.
            ProgramStart.refuse(
                "\(path) can't be read, which says where Redis is: run this as the user of deploy/up, or set "
                    + "GROWTH_REDIS_URL.",
                code: ProgramStart.exitConfiguration
            )
        }
        return nil
    }
}
