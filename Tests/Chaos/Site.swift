import Foundation
import TestSupport

/// An installation in a temporary folder whose parts are killed, stopped and started again.
///
/// It belongs to one thread.
final class Site {
    /// One program that should run.
    struct Part {
        /// What it is called in messages.
        let name: String
        /// The process; nil while it is dead on purpose.
        var process: RunningProcess?
        /// Whether it is stopped (SIGSTOP).
        var isStopped = false
    }

    /// Parts that ended by themselves, with their last words.
    private(set) var endedAlone: [String] = []
    let redis: RedisServer
    let home: TemporaryDirectory
    let intakePort: Int
    let link: RedisLink
    var intake = Part(name: "intake")
    var workers: [Part]
    private let settings: [String: String]

    /// Starts Redis with the configuration that ships, makes a key and a database.
    init(workers count: Int, leaseSeconds: Int) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var options = RedisServer.Options(appendOnly: true)
        options.configurationFile = root.appendingPathComponent("deploy/redis.conf").path
        redis = try RedisServer(options)
        home = try TemporaryDirectory()
        intakePort = try FreePort.find()
        link = RedisLink(port: redis.port)
        workers = (0..<count).map { Part(name: "worker \($0 + 1)") }
        settings = [
            "GROWTH_HOME": home.path, "GROWTH_REDIS_URL": redis.url,
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(intakePort)",
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())",
            "GROWTH_LEASE_SECONDS": "\(leaseSeconds)", "GROWTH_LOG_LEVEL": "notice",
        ]
        try ctl("key", "generate")
        try ctl("migrate")
    }

    deinit {
        for part in workers + [intake] { part.process?.kill() }
    }

    /// The intake's HTTP.
    var front: HTTPClient { HTTPClient(port: intakePort) }

    /// The path of the database.
    var database: String { home.file("growth_engine.db") }

    /// Runs growthctl; a failure is an error that holds what it printed.
    @discardableResult
    func ctl(_ arguments: String...) throws -> String {
        let result = try ProcessRunner.run(
            BuiltPrograms.path("growthctl"),
            arguments,
            environment: settings,
            limit: .seconds(600)
        )
        guard result.isSuccess else {
            throw TestSupportError("growthctl \(arguments) failed: \(result.output)\(result.errors)")
        }
        return result.output
    }

    // MARK: Starting

    /// Starts everything and waits until webhooks are taken.
    func startAll() throws {
        try startIntake()
        for index in workers.indices { try startWorker(index) }
        guard Eventually.holds(within: .seconds(20), { (try? front.get("/readyz").status) == 200 }) else {
            throw TestSupportError("The intake did not become ready: \(intake.process?.errors ?? "")")
        }
    }

    /// Starts the intake and does not wait for it.
    func startIntake() throws {
        intake.isStopped = false
        intake.process = try ProcessRunner.start(BuiltPrograms.path("growth-intake"), environment: settings)
    }

    /// Starts a worker and does not wait for it.
    func startWorker(_ index: Int) throws {
        workers[index].isStopped = false
        workers[index].process = try ProcessRunner.start(
            BuiltPrograms.path("growth-worker"),
            environment: settings
        )
    }

    /// Starts again what ended by itself, and notes that it did.
    func look() throws {
        if let process = intake.process, !process.isRunning {
            note(intake, process)
            try startIntake()
        }
        for index in workers.indices {
            guard let process = workers[index].process, !process.isRunning else { continue }
            note(workers[index], process)
            try startWorker(index)
        }
    }

    private func note(_ part: Part, _ process: RunningProcess) {
        let exit = (try? process.waitForExit()).map { "\($0)" } ?? "?"
        endedAlone.append("\(part.name) ended by itself, \(exit): …\(process.errors.suffix(300))")
    }

    /// Ends everything as an operator does (SIGTERM) and returns what did not end with code 0.
    func stopAll() -> [String] {
        let parts = workers + [intake]
        for part in parts { part.process?.terminate() }
        return parts.compactMap { part in
            guard let process = part.process else { return nil }
            let exit = try? process.waitForExit(within: .seconds(60))
            return exit == .code(0) ? nil : "\(part.name) ended with \(exit.map { "\($0)" } ?? "nothing")"
        }
    }

    // MARK: Figures

    /// A counter or gauge of the intake; nil while it does not answer.
    func intakeFigure(_ name: String) -> Int? {
        guard let text = try? HTTPClient(port: intakePort, timeout: 3).get("/metrics").text else {
            return nil
        }
        return Self.figure(name, in: text)
    }

    static func figure(_ name: String, in text: String) -> Int? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }

    /// Where the running workers' health is, by process id, as far as they have said so.
    func healthPorts() throws -> [Int32: Int] {
        var ports: [Int32: Int] = [:]
        for id in try link.send("SMEMBERS", "growth:workers").texts {
            guard
                let process = try link.send("HGET", "growth:worker:\(id)", "pid").text.flatMap({ Int32($0) }),
                let place = try link.send("HGET", "growth:worker:\(id)", "listen").text,
                let port = place.split(separator: ":").last.flatMap({ Int($0) })
            else { continue }
            ports[process] = port
        }
        return ports
    }

    /// How many jobs each running worker has settled since its start.
    func shares() throws -> [Int] {
        let ports = try healthPorts()
        return workers.map { part in
            guard let process = part.process, let port = ports[process.identifier],
                let text = try? HTTPClient(port: port, timeout: 3).get("/metrics").text
            else { return 0 }
            return Self.figure("growth_worker_jobs_total", in: text) ?? 0
        }
    }

    /// What is wrong with the programs; empty when all of them run and call themselves ready.
    func illnesses() throws -> [String] {
        var found: [String] = []
        if (try? front.get("/readyz").status) != 200 { found.append("the intake is not ready") }
        let ports = try healthPorts()
        for part in workers {
            guard let process = part.process, process.isRunning else {
                found.append("\(part.name) does not run")
                continue
            }
            guard let port = ports[process.identifier] else {
                found.append("\(part.name) did not report")
                continue
            }
            let status = try? HTTPClient(port: port, timeout: 3).get("/healthz").status
            if status != 200 { found.append("\(part.name) is not healthy") }
        }
        return found
    }
}
