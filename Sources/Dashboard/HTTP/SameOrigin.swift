/// Decides whether a request that changes something came from our own page.
///
/// Browsers set `Sec-Fetch-Site` and `Origin` themselves; a script can't. Source: OWASP Cross-Site Request
/// Forgery Prevention Cheat Sheet, "Verifying Origin With Standard Headers" and "Fetch Metadata".
struct SameOrigin: Sendable {
    var fetchSite: String?
    var origin: String?
    /// Host and port under which the caller reached us, as it says.
    var host: String?
    /// The same, as a proxy in front of us says; another site can't set it without a preflight,
    /// which we refuse.
    var forwardedHost: String?

    /// Whether the request may change something.
    func allows(_ access: Access) -> Bool {
        if access == .bearer { return true }
        guard access != .none else { return false }
        if let fetchSite, fetchSite != "same-origin" { return false }
        if let origin { return matches(origin) }
        // Programs without a browser send neither header; a browser's cookie must come with one.
        return fetchSite != nil || access == .open
    }

    private func matches(_ origin: String) -> Bool {
        guard let scheme = origin.firstRange(of: "://") else { return false }
        let authority = origin[scheme.upperBound...].lowercased()
        return [host, forwardedHost].contains { $0?.lowercased() == authority }
    }
}
