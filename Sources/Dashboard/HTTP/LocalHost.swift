import Shared

/// Names under which only this machine reaches a server; the guard against DNS rebinding.
enum LocalHost {
    /// Whether a `Host` header names this machine; true without one, which no browser leaves out.
    static func isNamed(by host: String?) -> Bool {
        guard let host, !host.isEmpty else { return true }
        let hasPort = host.hasSuffix("]") ? false : host.contains(":")
        return (ListenAddress(hasPort ? host : "\(host):0")?.isLocal ?? false)
    }
}
