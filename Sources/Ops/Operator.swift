import Foundation
import SharedRuntime

/// Who runs a command, for the others to ask: `user@host`.
enum Operator {
    /// Who runs this process.
    static var current: String {
        // Nobody else changes the entry meanwhile: the process has one thread here.
        let account = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        return name(
            environment: ProcessInfo.processInfo.environment,
            account: account ?? "uid \(getuid())",
            host: HostName.current
        )
    }

    /// Returns `user@host`; who came by `sudo` is named, not whom they became.
    static func name(environment: [String: String], account: String, host: String) -> String {
        let person = environment["SUDO_USER"].flatMap { $0.isEmpty ? nil : $0 } ?? account
        return "\(person)@\(host)"
    }
}
