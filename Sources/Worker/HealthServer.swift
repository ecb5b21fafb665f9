import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Shared
import SharedRuntime
import Synchronization

/// Answers `/healthz`, `/readyz` and `/metrics` of one worker.
struct HealthServer: Service {
    /// Where to listen; a taken port means the next free one, up to 100 further.
    let address: ListenAddress
    /// What to tell.
    let health: WorkerHealth
    /// Tells the time.
    let clock: any WallClock
    /// Where the port is logged.
    let logger: Logger
    /// Told where the server listens.
    let listening: @Sendable (String) -> Void
    /// The most connections at a time; a further one is closed.
    ///
    /// They must not use up the open files of a process that has to reach Redis again.
    var mostConnections = 64
    /// After how long a connection is closed over which no whole request came: silence, and what comes byte
    /// by byte, hold no place for longer.
    var requestTime = Duration.seconds(20)

    /// Serves until the shutdown begins.
    func run() async throws {
        let places = ConnectionPlaces(mostConnections)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [health, clock, requestTime, logger, mostConnections] channel in
                guard places.take() else {
                    if places.mayTell(at: clock.now) {
                        logger.warning(
                            "A connection for health checks was closed: all places are taken.",
                            metadata: ["places": "\(mostConnections)"]
                        )
                    }
                    return channel.close()
                }
                channel.closeFuture.whenComplete { _ in places.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        HealthHandler(health: health, clock: clock, requestTime: TimeAmount(requestTime))
                    )
                }
            }
        guard let channel = await bind(bootstrap) else {
            // A service that returned would end the whole worker.
            return try await gracefulShutdown()
        }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
    }

    /// A worker works without its health server, so that a taken port never costs a job.
    private func bind(_ bootstrap: ServerBootstrap) async -> (any Channel)? {
        for port in ports {
            do {
                let channel: any Channel =
                    switch address {
                    case .unix(let path):
                        try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
                            .get()
                    case .tcp(let host, _): try await bootstrap.bind(host: host, port: port).get()
                    }
                let place = Self.place(of: channel) ?? "\(address)"
                logger.info("Health checks are answered.", metadata: ["listen": "\(place)"])
                listening(place)
                return channel
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                continue
            } catch {
                logger.error("Health checks can't be answered.", metadata: ["error": "\(error)"])
                return nil
            }
        }
        logger.error("Health checks can't be answered: no free port.", metadata: ["listen": "\(address)"])
        return nil
    }

    /// Where the channel listens, as a URL would say it; nil for a Unix socket.
    private static func place(of channel: any Channel) -> String? {
        guard let local = channel.localAddress, let host = local.ipAddress, let port = local.port else {
            return nil
        }
        return ListenAddress.tcp(host: host, port: port).description
    }

    /// The ports to try, in turn.
    private var ports: ClosedRange<Int> {
        switch address {
        case .unix, .tcp(_, port: 0): 0...0
        case .tcp(_, let port): port...min(port + 99, 65_535)
        }
    }
}

/// The places for connections, on whichever event loop they are.
private final class ConnectionPlaces: Sendable {
    private let free: Mutex<Int>
    /// A full house is told once a minute.
    private let budget = Mutex(LogBudget(burst: 1, interval: 60_000))

    init(_ count: Int) {
        free = Mutex(count)
    }

    /// Whether it may be logged that no place was free.
    func mayTell(at now: Timestamp) -> Bool {
        budget.withLock { $0.take(at: now) != nil }
    }

    /// Takes a place; returns false where none is free.
    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    /// Gives a place back.
    func leave() {
        free.withLock { $0 += 1 }
    }
}

/// One connection of the health server.
private final class HealthHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let health: WorkerHealth
    private let clock: any WallClock
    private let requestTime: TimeAmount
    private var path = ""
    private var keepsAlive = false
    private var deadline: Scheduled<Void>?

    init(health: WorkerHealth, clock: any WallClock, requestTime: TimeAmount) {
        self.health = health
        self.clock = clock
        self.requestTime = requestTime
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: requestTime) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            path = String(head.uri.prefix { $0 != "?" })
            keepsAlive = head.isKeepAlive
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        awaitRequest(context)
        let now = clock.now
        let isHealthy = health.isHealthy(at: now)
        let plain = "text/plain; charset=utf-8"
        let (status, type, body): (HTTPResponseStatus, String, String) =
            switch path {
            case "/readyz" where !health.isTakingWork:
                (.serviceUnavailable, plain, "work waits, and no lane takes it\n")
            case "/healthz", "/readyz":
                isHealthy
                    ? (.ok, plain, "ok\n")
                    : (.serviceUnavailable, plain, "the watchdog has not run lately\n")
            case "/metrics": (.ok, "text/plain; version=0.0.4; charset=utf-8", health.prometheusText(at: now))
            default: (.notFound, plain, "not found\n")
            }
        var headers: HTTPHeaders = [
            "content-type": type, "content-length": "\(body.utf8.count)",
            "cache-control": "no-store",
        ]
        if !keepsAlive { headers.add(name: "connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))),
            promise: nil
        )
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !keepsAlive else { return }
        written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
