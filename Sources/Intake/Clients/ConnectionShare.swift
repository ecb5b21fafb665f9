import NIOCore
import Shared
import Synchronization

/// Keeps one client from taking all connections: counts those that each client has open.
///
/// An address is known only as long as it has a connection. Trusted proxies, whose connections are those of
/// many, and clients of a Unix socket are not counted. One for all event loops.
final class ConnectionShare: Sendable {
    private let limit: Int
    private let trusted: TrustedProxies
    private let counts = Mutex<[IPAddress: Int]>([:])

    /// Creates a count of nobody.
    ///
    /// - Parameters:
    ///   - limit: The most connections of one client; 0 for any number.
    ///   - trusted: The proxies that are believed.
    init(limit: Int, trusted: TrustedProxies) {
        self.limit = limit
        self.trusted = trusted
    }

    /// Counts a connection among its client's; returns false, and counts nothing, when it is one too many.
    func admits(_ connection: WebhookHandler) -> Bool {
        let peer = ClientAddress(connection.peer)
        guard limit > 0, case .ip(let address) = peer, !trusted.contains(peer) else { return true }
        let client = address.subscriber
        let isWithin = counts.withLock { counts in
            let count = counts[client, default: 0]
            guard count < limit else { return false }
            counts[client] = count + 1
            return true
        }
        if isWithin { connection.client = client }
        return isWithin
    }

    /// Forgets a connection.
    func left(_ connection: WebhookHandler) {
        guard let client = connection.client else { return }
        connection.client = nil
        counts.withLock { counts in
            let count = counts[client, default: 0]
            counts[client] = count > 1 ? count - 1 : nil
        }
    }
}
