import NIOCore
import Shared

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
