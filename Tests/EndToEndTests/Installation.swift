import Foundation
import GRDB
import Shared
import TestSupport

/// A whole installation in a temporary folder: its own Redis, intake, workers and dashboard, as built.
final class Installation {
    /// Everything that the programs wrote to standard output and standard error.
    private(set) var logs: [String] = []
    let redis: RedisServer
    let home: TemporaryDirectory
    let intakePort: Int
    let dashboardPort: Int
    private let settings: [String: String]
    private(set) var intake: RunningProcess?
    private(set) var workers: [RunningProcess] = []
    private(set) var dashboard: RunningProcess?

    /// Starts Redis, makes the keys and a database; the programs are started one by one.
    init(
        redis options: RedisServer.Options = .init(appendOnly: true),
        settings: [String: String] = [:]
    ) throws {
        redis = try RedisServer(options)
        home = try TemporaryDirectory()
        intakePort = try FreePort.find()
        dashboardPort = try FreePort.find()
        self.settings = [
            "GROWTH_HOME": home.path,
            "GROWTH_REDIS_URL": redis.url,
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(intakePort)",
            "GROWTH_DASHBOARD_LISTEN": "127.0.0.1:\(dashboardPort)",
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())",
            "GROWTH_LEASE_SECONDS": "2",
        ].merging(settings) { $1 }
        try ctl("key", "generate")
        try ctl("sealed", "keygen")
        try ctl("migrate")
    }

    deinit {
        for process in [intake, dashboard].compactMap(\.self) + workers { process.kill() }
    }

    // MARK: Programs

    /// Runs growthctl; a failure is an error that holds what it printed.
    @discardableResult
    func ctl(_ arguments: String...) throws -> String {
        let result = try ProcessRunner.run(program("growthctl"), arguments, environment: settings)
        logs.append(result.errors)
        guard result.isSuccess else {
            throw TestSupportError("growthctl \(arguments) failed: \(result.output)\(result.errors)")
        }
        return result.output
    }

    /// Starts the intake and waits until it is ready.
    func startIntake() throws {
        let process = try ProcessRunner.start(program("growth-intake"), environment: settings)
        intake = process
        guard Eventually.holds(within: .seconds(10), { (try? front.get("\(basePath)/readyz").status) == 200 })
        else {
            throw TestSupportError("The intake did not become ready: \(process.errors)")
        }
    }

    /// Starts a second intake on a port of its own.
    func startSecondIntake() throws -> RunningProcess {
        var settings = settings
        settings["GROWTH_INTAKE_LISTEN"] = "127.0.0.1:\(try FreePort.find())"
        return try ProcessRunner.start(program("growth-intake"), environment: settings)
    }

    /// Starts a worker.
    @discardableResult
    func startWorker(arguments: [String] = []) throws -> RunningProcess {
        let worker = try ProcessRunner.start(program("growth-worker"), arguments, environment: settings)
        workers.append(worker)
        return worker
    }

    /// The port on which a worker tells its metrics.
    func healthPort(of worker: RunningProcess) throws -> Int {
        let line = try worker.waitForLine(containing: "Health checks are answered", within: .seconds(20))
        let listen = try JSONDocument(Array(line.utf8)).root["listen"].string ?? line
        guard let port = listen.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) }) else {
            throw TestSupportError("The worker does not say where it listens: \(line)")
        }
        return port
    }

    /// Starts the dashboard and waits until it answers.
    func startDashboard() throws {
        let process = try ProcessRunner.start(program("growth-dashboard"), environment: settings)
        dashboard = process
        guard Eventually.holds(within: .seconds(10), { (try? page.get("\(basePath)/healthz").status) == 200 })
        else {
            throw TestSupportError("The dashboard did not become ready: \(process.errors)")
        }
    }

    /// Stops every program with SIGTERM, and returns how each ended.
    func stop() throws -> [RunningProcess.Exit] {
        let processes = [intake, dashboard].compactMap(\.self) + workers
        for process in processes { process.terminate() }
        let exits = try processes.map { try $0.waitForExit(within: .seconds(40)) }
        logs += processes.map { $0.output + $0.errors }
        (intake, dashboard, workers) = (nil, nil, [])
        return exits
    }

    private func program(_ name: String) -> String {
        BuiltPrograms.path(name)
    }

    // MARK: Talking

    private var basePath: String { settings["GROWTH_BASE_PATH"] ?? "" }

    /// The intake.
    var front: HTTPClient { HTTPClient(port: intakePort) }

    /// The dashboard.
    var page: HTTPClient { HTTPClient(port: dashboardPort) }

    /// Whether every queue is empty and nothing is in hand.
    var isIdle: Bool {
        (try? ProcessRunner.run(
            program("growthctl"),
            ["queue", "depth", "--fail-unless-empty"],
            environment: settings
        ).isSuccess) ?? false
    }

    /// Waits until the workers have done everything.
    func waitUntilIdle(within limit: Duration = .seconds(30)) throws {
        guard Eventually.holds(within: limit, { isIdle }) else {
            throw TestSupportError("The workers did not finish: \(try ctl("queue", "depth"))")
        }
    }

    // MARK: Looking

    /// The first column of the first row of a query on the database.
    func query<Value: DatabaseValueConvertible & Sendable>(_ sql: String) throws -> Value? {
        try DatabaseQueue(path: home.file("growth_engine.db")).read { try Value.fetchOne($0, sql: sql) }
    }

    /// The number that a query on the database gives.
    func count(_ sql: String) throws -> Int {
        try query(sql) ?? 0
    }

    /// Dead letters over all queues.
    func deadLetters() throws -> [String] {
        try redis.cli("KEYS", "growth:*:dead").split(separator: "\n").flatMap { key in
            try redis.cli("LRANGE", String(key), "0", "-1").split(separator: "\n").map(String.init)
        }
    }

    /// Every file below the installation's and Redis' folders, after Redis has written its snapshot.
    func files() throws -> [(name: String, bytes: Data)] {
        _ = try redis.cli("SAVE")
        return try [home.path, redis.directory.path].flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap { name in
                FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, $0) }
            }
        }
    }
}
