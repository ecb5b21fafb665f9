import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Shared
import SharedRedis

/// The intake's server: listens, gives each event loop its engine, drains on shutdown.
struct IntakeServer: Service {
    /// How long a drain may take before connections are cut.
    private static let drainSeconds = 10
    /// How long a connection may be silent.
    private static let idleTimeout = TimeAmount.seconds(75)
    /// How long Redis may take to answer a push.
    private static let pushDeadline = TimeAmount.seconds(2)

    /// The settings.
    let settings: Settings
    /// Where Redis is.
    let redis: RedisURL
    /// The doors.
    let router: WebhookRouter
    /// The pure part of the intake.
    let pipeline: IntakePipeline
    /// Tells the time.
    let clock: any WallClock
    /// The log.
    let logger: Logger
    /// Event loops, at least 1.
    let loopCount: Int

    /// Serves until the shutdown begins, then drains: what was accepted is answered.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)
        let engines = try await makeEngines(on: group)
        do {
            let channel = try await bind(group: group, engines: engines)
            logger.info("The intake listens.", metadata: ["listen": "\(settings.intakeListen)"])
            try await withTaskCancellationOrGracefulShutdownHandler {
                try await channel.closeFuture.get()
            } onCancelOrGracefulShutdown: {
                channel.close(promise: nil)
            }
            await drain(engines)
        } catch {
            for engine in engines.values { engine.eventLoop.execute { engine.value.stop() } }
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        logger.info("The intake has drained.")
    }

    private typealias Engines = [ObjectIdentifier: NIOLoopBound<IntakeEngine>]

    private func makeEngines(on group: MultiThreadedEventLoopGroup) async throws -> Engines {
        let metrics = IntakeMetrics()
        var engines: Engines = [:]
        for loop in group.makeIterator() {
            let engine = try await loop.submit {
                let pusher = RedisPusher(
                    loop: loop,
                    url: redis,
                    deadline: Self.pushDeadline,
                    queues: router.adapters.map(\.source),
                    clock: clock,
                    logger: logger
                )
                pusher.connect()
                let engine = IntakeEngine(
                    settings: settings,
                    router: router,
                    pipeline: pipeline,
                    pusher: pusher,
                    metrics: metrics,
                    clock: clock
                )
                return NIOLoopBound(engine, eventLoop: loop)
            }.get()
            engines[ObjectIdentifier(loop)] = engine
        }
        return engines
    }

    private func bind(group: MultiThreadedEventLoopGroup, engines: Engines) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let engine = engines[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("A connection came on an event loop of another group.")
                    }
                    if case .tcp = settings.intakeListen {
                        try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                    }
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                        IdleStateHandler(allTimeout: Self.idleTimeout),
                        WebhookHandler(engine: engine.value),
                    ])
                }
            }
        switch settings.intakeListen {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
    }

    /// Waits until every connection has had its answers, at most `drainSeconds`.
    private func drain(_ engines: Engines) async {
        for engine in engines.values { engine.eventLoop.execute { engine.value.drain() } }
        let deadline = ContinuousClock.now + .seconds(Self.drainSeconds)
        while ContinuousClock.now < deadline {
            var open = 0
            for engine in engines.values {
                open += (try? await engine.eventLoop.submit { engine.value.connectionCount }.get()) ?? 0
            }
            if open == 0 { break }
            try? await Task.sleep(for: .milliseconds(20))
        }
        for engine in engines.values { engine.eventLoop.execute { engine.value.stop() } }
    }
}
