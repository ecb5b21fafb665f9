import Foundation
import TestSupport

/// A checkout with the repository's `deploy` and the programs as built, in which `deploy/up` runs.
///
/// Its folder of state has a space in its name, as a user's may.
final class Premises {
    let home: String
    private let folder: TemporaryDirectory
    private let settings: [String: String?]
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What the scripts share.
    static let library = root.appendingPathComponent("deploy/lib").path

    /// Without GROWTH_REDIS_URL, `deploy/up` starts a Redis of its own.
    init(settings: [String: String?] = [:]) throws {
        folder = try TemporaryDirectory()
        home = folder.file("my state")
        let files = FileManager.default
        try files.createDirectory(atPath: folder.file(".build"), withIntermediateDirectories: false)
        try files.createDirectory(atPath: folder.file("vega"), withIntermediateDirectories: false)
        // A chart library that is there need not be fetched.
        try "".write(toFile: folder.file("vega/vega.0.js"), atomically: false, encoding: .utf8)
        try files.createSymbolicLink(
            atPath: folder.file("deploy"),
            withDestinationPath: Self.root.appendingPathComponent("deploy").path
        )
        let programs = URL(fileURLWithPath: BuiltPrograms.path("growthctl")).deletingLastPathComponent().path
        try files.createSymbolicLink(
            atPath: folder.file(".build/release"),
            withDestinationPath: programs
        )
        self.settings = [
            "GROWTH_HOME": home, "GROWTH_VEGA_DIR": folder.file("vega"), "GROWTH_REDIS_URL": nil,
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(try FreePort.find())",
            "GROWTH_DASHBOARD_LISTEN": "127.0.0.1:\(try FreePort.find())",
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())",
        ].merging(settings) { $1 }
    }

    deinit {
        // What a test that failed has left behind.
        for process in processes { kill(process, SIGKILL) }
    }

    /// A setting, as `deploy/up` finds it.
    func setting(_ name: String) -> String? { settings[name] ?? nil }

    /// Makes a program that `deploy/up` finds before the system's of the same name.
    ///
    /// - Returns: The PATH with which it does.
    func shadow(_ name: String, with script: String) throws -> String {
        let program = file(name)
        try script.write(toFile: program, atomically: false, encoding: .utf8)
        guard chmod(program, 0o755) == 0 else { throw TestSupportError.system("chmod", errno) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return "\(URL(fileURLWithPath: program).deletingLastPathComponent().path):\(path)"
    }

    /// The path of a file of the state.
    func state(_ name: String) -> String { "\(home)/\(name)" }

    /// The path of a file beside the state.
    func file(_ name: String) -> String { folder.file(name) }

    /// Starts `deploy/up`, with a PATH of its own where one is given, and waits until it says that all runs.
    func start(
        _ arguments: String...,
        within limit: Duration = .seconds(60),
        path: String? = nil
    ) throws -> RunningProcess {
        let process = try ProcessRunner.start(
            folder.file("deploy/up"),
            ["--no-build"] + arguments,
            environment: path.map { settings.merging(["PATH": $0]) { $1 } } ?? settings
        )
        _ = try process.waitForLine(containing: "Ctrl-C stops everything", within: limit)
        return process
    }

    /// Starts it on a terminal of its own, which is closed when the process is killed.
    func startOnTerminal() throws -> RunningProcess {
        let command = "\(folder.file("deploy/up")) --no-build"
        let process = try ProcessRunner.start(
            "script",
            ["-qec", command, "/dev/null"],
            environment: settings
        )
        _ = try process.waitForLine(containing: "Ctrl-C stops everything", within: .seconds(60))
        return process
    }

    /// Runs it where it is to end by itself.
    func run(within limit: Duration, _ more: [String: String] = [:]) throws -> ProcessRunner.Result {
        try ProcessRunner.run(
            folder.file("deploy/up"),
            ["--no-build"],
            environment: settings.merging(more) { $1 },
            limit: limit
        )
    }

    /// Runs growthctl, which is told where the state lies and nothing else.
    func ctl(_ arguments: String...) throws -> ProcessRunner.Result {
        try ProcessRunner.run(
            BuiltPrograms.path("growthctl"),
            arguments,
            environment: ["GROWTH_HOME": home, "GROWTH_REDIS_URL": nil]
        )
    }

    /// The programs that use the state: it is in their environment, and Redis works in it.
    private var processes: [pid_t] {
        let files = FileManager.default
        let all = (try? files.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
        return all.filter { process in
            let environment = files.contents(atPath: "/proc/\(process)/environ") ?? Data()
            return String(decoding: environment, as: UTF8.self).contains("GROWTH_HOME=\(home)\0")
                || (try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) == state("redis")
        }
    }

    /// Their names.
    var programs: [String] {
        processes.compactMap(name)
    }

    /// The first of the programs that has the name.
    func process(named text: String) -> pid_t? {
        processes.first { name($0) == text }
    }

    private func name(_ process: pid_t) -> String? {
        (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)).map { String($0.dropLast()) }
    }
}
