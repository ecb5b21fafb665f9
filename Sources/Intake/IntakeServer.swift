import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Shared
import SharedRedis
import SharedRuntime

/// The intake's server: listens, gives each event loop its engine, drains on shutdown.
struct IntakeServer: Service {
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
    /// What bounds it.
    var limits = IntakeLimits()
    /// Keeps webhooks on disk while Redis can't take them; nil without one.
    var spool: DiskSpool?
    /// Its name, unique among running intakes.
    var instance = "\(HostName.current):\(ProcessInfo.processInfo.processIdentifier)"

    /// Serves until the shutdown begins, then drains: what was accepted is answered.
    func run() async throws {
        let intake = try await start()
        await withTaskCancellationOrGracefulShutdownHandler {
            await intake.waitUntilClosed()
        } onCancelOrGracefulShutdown: {
            logger.info("The intake takes no further connection and answers what is under way.")
            intake.close()
        }
        try await intake.stop()
        logger.info("The intake has drained.")
    }

    /// Begins to listen.
    ///
    /// - Throws: ``ListenError`` when the address can't be had.
    func start() async throws -> RunningIntake {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)
        let engines = try await makeEngines(on: group)
        if spool != nil { await engines.waitForRedis(atMost: .seconds(1)) }
        do {
            let listener = IntakeListener(engines: engines)
            let channel = try await listener.bind(settings.intakeListen, group: group)
            let address = Self.place(of: channel) ?? "\(settings.intakeListen)"
            logger.info(
                "The intake listens.",
                metadata: [
                    "listen": "\(address)", "version": "\(Release.version)", "loops": "\(loopCount)",
                    "key": "\(pipeline.keyID)",
                ]
            )
            return RunningIntake(group: group, channel: channel, engines: engines, spool: spool)
        } catch {
            for engine in engines.values { engine.eventLoop.execute { engine.value.stop() } }
            await spool?.close()
            try await group.shutdownGracefully()
            throw error
        }
    }

    private static func place(of channel: any Channel) -> String? {
        guard let local = channel.localAddress, let host = local.ipAddress, let port = local.port else {
            return nil
        }
        return ListenAddress.tcp(host: host, port: port).description
    }

    private func makeEngines(on group: MultiThreadedEventLoopGroup) async throws -> IntakeEngines {
        let identity = IntakeMetrics.Identity(
            keyID: pipeline.keyID,
            version: Release.version,
            startedAt: clock.now
        )
        let metrics = IntakeMetrics(router, identity: identity)
        let board = SurveyBoard(intake: instance)
        let depths = DepthBoard(limits: settings.depthLimits, logger: logger)
        let share = QuarantineShare(trusted: settings.trustedProxies)
        let redisState = DependencyState("redis")
        let connectionShare = ConnectionShare(
            limit: settings.maxConnectionsPerClient,
            trusted: settings.trustedProxies
        )
        var engines: IntakeEngines = [:]
        for loop in group.makeIterator() {
            // One loop drains the spool and publishes the survey.
            let isFirst = engines.isEmpty
            engines[ObjectIdentifier(loop)] = try await loop.submit {
                let engine = makeEngine(
                    on: loop,
                    metrics: metrics,
                    board: board,
                    depths: depths,
                    share: share,
                    connectionShare: connectionShare,
                    redisState: redisState,
                    drainsSpool: isFirst
                )
                engine.start()
                if isFirst { engine.publishSurvey() }
                return NIOLoopBound(engine, eventLoop: loop)
            }.get()
        }
        return engines
    }

    private func makeEngine(
        on loop: any EventLoop,
        metrics: IntakeMetrics,
        board: SurveyBoard,
        depths: DepthBoard,
        share: QuarantineShare,
        connectionShare: ConnectionShare,
        redisState: DependencyState,
        drainsSpool: Bool
    ) -> IntakeEngine {
        let loopMetrics = metrics.makeLoopMetrics(on: loop)
        let pusher = RedisPusher(
            loop: loop,
            url: redis,
            deadline: limits.pushTime,
            queues: router.adapters.map(\.source),
            clock: clock,
            logger: logger,
            metrics: loopMetrics,
            depths: depths,
            redisState: redisState
        )
        loopMetrics.isAccepting = { [weak pusher] in pusher?.isAccepting == true }
        let spoolDoor = spool.map { SpoolDoor(spool: $0, loop: loop, clock: clock) }
        if drainsSpool {
            spoolDoor?.drain(through: pusher, roundPause: limits.spoolRoundPause, logger: logger)
        }
        return IntakeEngine(
            settings: settings,
            limits: limits,
            router: router,
            pipeline: pipeline,
            pusher: pusher,
            spoolDoor: spoolDoor,
            quarantineShare: share,
            connectionShare: connectionShare,
            loops: loopCount,
            metrics: metrics,
            loopMetrics: loopMetrics,
            log: IntakeLog(logger: logger, clock: clock, metrics: loopMetrics),
            surveyBoard: board,
            clock: clock,
            loop: loop
        )
    }
}

/// The engine of each event loop.
typealias IntakeEngines = [ObjectIdentifier: NIOLoopBound<IntakeEngine>]

/// An intake that listens.
struct RunningIntake: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let engines: IntakeEngines
    private let spool: DiskSpool?

    fileprivate init(
        group: MultiThreadedEventLoopGroup,
        channel: any Channel,
        engines: IntakeEngines,
        spool: DiskSpool?
    ) {
        self.group = group
        self.channel = channel
        self.engines = engines
        self.spool = spool
    }

    /// The TCP port; nil for a Unix socket.
    var port: Int? { channel.localAddress?.port }

    /// Takes no further connection.
    func close() {
        channel.close(promise: nil)
    }

    /// Waits until no further connection is taken.
    func waitUntilClosed() async {
        // It fails when closing the socket did; then too it is closed.
        try? await channel.closeFuture.get()
    }

    /// Takes no further connection, answers what is under way, and lets go of everything.
    func stop() async throws {
        close()
        await waitUntilClosed()
        let drains = engines.values.map { engine in
            engine.eventLoop.flatSubmit { engine.value.drain() }
        }
        for drain in drains { try await drain.get() }
        for engine in engines.values { try await engine.eventLoop.submit { engine.value.stop() }.get() }
        await spool?.close()
        try await group.shutdownGracefully()
    }
}
