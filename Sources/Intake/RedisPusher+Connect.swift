import NIOCore
import NIOPosix
import SharedRedis

extension RedisPusher {
    /// Opens a connection to Redis on this loop, without login.
    func openChannel() -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(.seconds(2))
        return switch url.address {
        case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}
