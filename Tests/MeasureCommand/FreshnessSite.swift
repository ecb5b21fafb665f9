import Foundation
import TestSupport

/// An installation as it ships: Redis with its configuration, an intake, one worker and the dashboard.
final class FreshnessSite {
    let intakePort: Int
    let dashboardPort: Int
    private let redis: RedisServer
    private let home: TemporaryDirectory
    private var processes: [RunningProcess] = []

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var options = RedisServer.Options(appendOnly: true)
        options.configurationFile = root.appendingPathComponent("deploy/redis.conf").path
        redis = try RedisServer(options)
        home = try TemporaryDirectory()
        intakePort = try FreePort.find()
        dashboardPort = try FreePort.find()
        let settings = [
            "GROWTH_HOME": home.path, "GROWTH_REDIS_URL": redis.unixURL,
            "GROWTH_INTAKE_LISTEN": "127.0.0.1:\(intakePort)",
            "GROWTH_DASHBOARD_LISTEN": "127.0.0.1:\(dashboardPort)",
            "GROWTH_WORKER_LISTEN": "127.0.0.1:\(try FreePort.find())", "GROWTH_LOG_LEVEL": "warning",
        ]
        for arguments in [["key", "generate"], ["migrate"]] {
            let result = try ProcessRunner.run(
                BuiltPrograms.path("growthctl"),
                arguments,
                environment: settings
            )
            guard result.isSuccess else { throw TestSupportError("\(arguments) failed: \(result.errors)") }
        }
        for name in ["growth-intake", "growth-worker", "growth-dashboard"] {
            processes.append(try ProcessRunner.start(BuiltPrograms.path(name), environment: settings))
        }
        for port in [intakePort, dashboardPort] {
            let client = HTTPClient(port: port)
            guard Eventually.holds(within: .seconds(20), { (try? client.get("/readyz").status) == 200 })
            else { throw TestSupportError("Port \(port) did not become ready.") }
        }
    }

    deinit {
        for process in processes { process.kill() }
    }
}
