import HTTPTypes
import Hummingbird
import NIOCore
import Shared
import Synchronization

/// Slows down whoever guesses the token, at the form and as a bearer; one for all connections.
final class SignInGuard: Sendable {
    private let limit = Mutex(SignInLimit())
    private let trusted: TrustedProxies
    private let clock: any WallClock

    init(trusted: TrustedProxies, clock: any WallClock) {
        self.trusted = trusted
        self.clock = clock
    }

    /// Refuses a client that guessed wrong too often, before its guess is looked at.
    func admit(_ request: Request, from peer: ClientAddress) throws(Problem) {
        let client = client(of: request, peer: peer)
        let wait = limit.withLock { $0.wait(of: client, at: clock.now) }
        guard wait > 0 else { return }
        throw Problem(
            .tooManyRequests,
            "Too many wrong tokens came from this address: wait and try again.",
            headers: [.retryAfter: "\((wait + 999) / 1000)"]
        )
    }

    /// Counts a wrong guess.
    func fail(_ request: Request, from peer: ClientAddress) {
        let client = client(of: request, peer: peer)
        limit.withLock { $0.fail(of: client, at: clock.now) }
    }

    private func client(of request: Request, peer: ClientAddress) -> ClientAddress {
        ClientAddress.of(
            peer: peer,
            xForwardedFor: request.headers[values: .xForwardedFor],
            forwarded: request.headers[values: .forwarded],
            trusted: trusted
        )
    }
}

extension HTTPField.Name {
    static let xForwardedFor = Self.known("X-Forwarded-For")
    static let forwarded = Self.known("Forwarded")
}

extension ClientAddress {
    /// The client at the other end of a connection.
    init(_ address: SocketAddress?) {
        if let text = address?.ipAddress, let ip = IPAddress(text) {
            self = .ip(ip)
        } else {
            self = .unixSocket
        }
    }
}
