/// Whom a request came from, as far as those who passed it on are believed.
public enum ClientAddress: Hashable, Sendable {
    /// An address.
    case ip(IPAddress)
    /// Someone behind the Unix socket that the server listens on.
    case unixSocket

    /// Finds the client of a request.
    ///
    /// Each proxy adds the address of whom it was called by at the end, so the lists are read from there, as
    /// long as the one who wrote the entry is trusted: the first who is not is the client. What can't be read
    /// as an address (`unknown`, an obfuscated name) ends the walk at the last one known.
    ///
    /// A request that carries both headers, which name different clients, counts as its peer's: a proxy
    /// writes one of them and hands on the other as the client made it up.
    ///
    /// - Parameters:
    ///   - peer: Who opened the connection.
    ///   - xForwardedFor: The values of `X-Forwarded-For`, in the order of the lines.
    ///   - forwarded: The values of `Forwarded` (RFC 7239), in the order of the lines.
    ///   - trusted: Who may say where a request came from.
    /// - Returns: The client; the peer where nobody trusted names another.
    public static func of(
        peer: ClientAddress,
        xForwardedFor: [String],
        forwarded: [String],
        trusted: TrustedProxies
    ) -> ClientAddress {
        guard trusted.contains(peer) else { return peer }
        func client(_ hops: [IPAddress?]) -> ClientAddress {
            var client = peer
            for hop in hops.reversed() {
                guard let hop else { return client }
                client = .ip(hop)
                guard trusted.contains(client) else { return client }
            }
            return client
        }
        let byList = client(ForwardedHops.xForwardedFor(xForwardedFor))
        let byStandard = client(ForwardedHops.forwarded(forwarded))
        if forwarded.isEmpty { return byList }
        if xForwardedFor.isEmpty { return byStandard }
        return byList == byStandard ? byList : peer
    }
}

/// The proxies that are believed when they say whom a request came from (`GROWTH_TRUSTED_PROXIES`).
public struct TrustedProxies: Hashable, Sendable {
    private var networks: [IPNetwork] = []
    private var trustsUnixSocket = false

    /// Nobody.
    public static let none = TrustedProxies()

    private init() {}

    /// Reads comma-separated addresses and ranges, or nil when an entry is neither.
    ///
    /// `unix:` stands for whoever connects to the Unix socket that the server listens on.
    public init?(_ text: String) {
        for entry in text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed) {
            if entry == "unix:" {
                trustsUnixSocket = true
            } else {
                guard let network = IPNetwork(entry) else { return nil }
                networks.append(network)
            }
        }
    }

    /// Whether nobody is trusted.
    public var isEmpty: Bool { networks.isEmpty && !trustsUnixSocket }

    /// Whether a client is one of them.
    public func contains(_ client: ClientAddress) -> Bool {
        switch client {
        case .unixSocket: trustsUnixSocket
        case .ip(let address): networks.contains { $0.contains(address) }
        }
    }
}
