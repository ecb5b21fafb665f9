/// Where a webhook's URL leads: read once, when the settings are, so that what is accepted can be sent to.
///
/// Host, path and query may hold a token, so it never shows itself.
public struct WebhookTarget: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Whether it is reached over TLS.
    public let isSecure: Bool
    /// A name in lower case, or an address without brackets.
    public let host: String
    /// Whether the host is an address, which TLS does not name (RFC 6066, section 3).
    public let isAddress: Bool
    /// The URL's port, or that of its scheme.
    public let port: Int
    /// Host and port as the `Host` header has them.
    public let authority: String
    /// Path and query as the URL has them; `/` where it has none.
    public let path: String

    /// Reads `https://host[:port][/path][?query]`, or `http://` on this machine.
    ///
    /// Only what every reader of URLs understands in the same way.
    ///
    /// - Throws: What is wrong with it, in words that do not repeat it.
    public init(_ url: String) throws(AlertWebhook.Problem) {
        guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Self.problem(
                "must be at most 2048 printable ASCII characters: write others as %XX or xn--."
            )
        }
        guard let scheme = ["https://", "http://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            throw Self.problem("must be https://host/…, or http:// on this machine.")
        }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count)
        guard !authority.contains("@") else { throw Self.problem("must name no user and no password.") }
        guard !path.contains("#") else {
            throw Self.problem("has a part behind #, which is never sent: write # as %23.")
        }
        let (host, port) = Self.parts(of: authority.lowercased())
        guard let (name, isAddress) = Self.host(host) else {
            throw Self.problem("must name a host, or an address such as 192.0.2.1 or [2001:db8::1].")
        }
        isSecure = scheme == "https://"
        let usual = isSecure ? 443 : 80
        guard let number = port.map({ Self.port($0) }) ?? usual else {
            throw Self.problem("must have a port from 1 to 65535, or none.")
        }
        guard isSecure || ListenAddress.tcp(host: name, port: number).isLocal else {
            throw Self.problem("must be https:// unless it stays on this machine.")
        }
        (self.host, self.isAddress, self.port) = (name, isAddress, number)
        self.authority = port == nil ? host : "\(host):\(number)"
        self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
    }

    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Shows no children.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static func problem(_ what: String) -> AlertWebhook.Problem {
        AlertWebhook.Problem(isOfSecret: false, what: what)
    }

    /// The host, with its brackets, and what is behind the colon.
    private static func parts(of authority: String) -> (host: String, port: Substring?) {
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        guard let colon = authority[(end ?? authority.startIndex)...].firstIndex(of: ":") else {
            return (authority, nil)
        }
        return (String(authority[..<colon]), authority[authority.index(after: colon)...])
    }

    /// The host without brackets, and whether it is an address; nil for what is neither that nor a name.
    private static func host(_ text: String) -> (name: String, isAddress: Bool)? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let name = String(text.dropFirst().dropLast())
            return name.contains(":") && IPAddress(name) != nil ? (name, true) : nil
        }
        if !text.contains(":"), IPAddress(text) != nil { return (text, true) }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        // What ends in a number is an address to some who look it up: 127.1, 0x7f.0.0.1 (URL Standard).
        guard text.utf8.count <= 253, labels.allSatisfy({ isLabel($0) }), let last = labels.last,
            !last.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !last.hasPrefix("0x")
        else { return nil }
        return (text, false)
    }

    /// Letters, digits, hyphens, and the underscores that some hosts have.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count)
            && label.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            (1...65_535).contains(number)
        else { return nil }
        return number
    }
}
