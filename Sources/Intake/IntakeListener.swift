import NIOCore
import NIOPosix
import Shared
import SharedRuntime

/// Binds the intake's socket and sets up each connection that comes in.
struct IntakeListener {
    /// The engine of each event loop.
    let engines: IntakeEngines

    /// Listens on an address.
    ///
    /// - Throws: ``ListenError`` when the address can't be had.
    func bind(_ address: ListenAddress, group: MultiThreadedEventLoopGroup) async throws -> any Channel {
        do {
            switch address {
            case .tcp(let host, let port):
                return try await bootstrap(group, isTCP: true).bind(host: host, port: port).get()
            case .unix(let path):
                // Only the file of a process that is gone is removed.
                if await isServed(path, group: group) { throw ListenError.taken(address) }
                return try await bootstrap(group, isTCP: false)
                    .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            }
        } catch let error as ListenError {
            throw error
        } catch {
            throw ListenError(address, error)
        }
    }

    private func isServed(_ path: String, group: MultiThreadedEventLoopGroup) async -> Bool {
        guard let channel = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
        else { return false }
        try? await channel.close()
        return true
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup, isTCP: Bool) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Reads of up to 64 KiB before it is asked again whether more may come.
            .childChannelOption(.maxMessagesPerRead, value: 2)
            // What waits for a client that does not read its answers: one flush of them, not 64 KiB.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 4 << 10, high: 16 << 10))
            .childChannelOption(.recvAllocator, value: SteppedReceiveAllocator())
            // A client that has said all it has to say still reads its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [engines] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let engine = engines[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("A connection came on an event loop of another group.")
                    }
                    if isTCP { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
                    try channel.pipeline.syncOperations.addHandler(WebhookHandler(engine: engine.value))
                }
            }
    }
}
