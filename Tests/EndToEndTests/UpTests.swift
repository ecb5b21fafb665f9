import Foundation
import TestSupport
import Testing

/// `deploy/up` as it stands in the repository.
@Suite("deploy/up", .serialized)
struct UpTests {
    @Test("killed, it leaves programs behind: the next one names them and starts nothing beside them")
    func killed() throws {
        let premises = try Premises()
        let first = try premises.start()
        let second = try premises.run(within: .seconds(10))
        #expect(second.exit == .code(69) && second.errors.contains("already runs"), "\(second.errors)")

        first.kill()
        let refused = try premises.run(within: .seconds(10))
        #expect(refused.exit == .code(69))
        for name in ["redis-server", "growth-intake", "growth-worker"] {
            #expect(refused.errors.contains(name), "\(refused.errors)")
        }
        #expect(premises.programs.count { $0 == "redis-server" } == 1)
        // What is left over is still to be reached, and what the message says ends it.
        #expect(try premises.ctl("queue", "depth").isSuccess)
        let remedy = try #require(refused.errors.split(separator: "\n").last)
        #expect(try ProcessRunner.run("/bin/sh", ["-c", String(remedy)]).isSuccess)
        #expect(Eventually.holds(within: .seconds(40)) { premises.programs.isEmpty })

        let third = try premises.start()
        third.terminate()
        #expect(try third.waitForExit(within: .seconds(60)) == .code(0))
        #expect(premises.programs.isEmpty)
    }

    @Test("a closed terminal ends everything, Redis last, although nobody reads its messages any more")
    func closedTerminal() throws {
        let premises = try Premises()
        let terminal = try premises.startOnTerminal()
        #expect(premises.programs.contains("redis-server"))
        terminal.kill()
        let isOver = Eventually.holds(within: .seconds(60)) { premises.programs.isEmpty }
        #expect(isOver, "\(premises.programs) still run.")
        let log = try String(contentsOfFile: premises.state("log/redis.log"), encoding: .utf8)
        #expect(log.contains("Redis is now ready to exit, bye bye"), "\(log.suffix(500))")
        #expect(!FileManager.default.fileExists(atPath: premises.state("redis.url")))
    }

    @Test("says which Redis it uses where only its user can read it, and prints no password")
    func redisURL() throws {
        let redis = try RedisServer(.init(password: "ab/c@hush"))
        let premises = try Premises(settings: ["GROWTH_REDIS_URL": redis.url])
        let process = try premises.start()
        let file = premises.state("redis.url")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == redis.url + "\n")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(!(process.output + process.errors).contains("hush"))
        let depth = try premises.ctl("queue", "depth")
        #expect(depth.isSuccess, "\(depth.errors)")
        // As it would be typed: the folder's name has a space.
        let shown = try process.waitForLine(containing: "Live view").replacing("Live view", with: "")
        let status = shown.replacing("growthctl top", with: "growthctl queue depth")
        let typed = try ProcessRunner.run("bash", ["-c", status], environment: ["GROWTH_REDIS_URL": nil])
        #expect(typed.isSuccess, "\(typed.errors)")
        process.terminate()
        #expect(try process.waitForExit(within: .seconds(60)) == .code(0))
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test("what a killed one wrote of its Redis is gone before anything else is done")
    func staleRedisURL() throws {
        let redis = try RedisServer()
        let premises = try Premises(settings: ["GROWTH_INTAKE_LISTEN": "127.0.0.1:\(redis.port)"])
        let file = premises.state("redis.url")
        let files = FileManager.default
        try files.createDirectory(atPath: premises.home, withIntermediateDirectories: false)
        try "\(redis.url)\n".write(toFile: file, atomically: false, encoding: .utf8)
        let result = try premises.run(within: .seconds(15))
        #expect(result.exit == .code(69))
        #expect(result.errors.contains("GROWTH_INTAKE_LISTEN"), "\(result.errors)")
        #expect(!files.fileExists(atPath: file))
    }

    @Test("shows at once why Redis refuses to start")
    func refusingRedis() throws {
        let premises = try Premises()
        let path = try premises.shadow(
            "redis-server",
            with: "#!/bin/sh\necho 'Bad directive or wrong number of arguments' >&2\nexit 1\n"
        )
        let result = try premises.run(within: .seconds(15), ["PATH": path])
        #expect(result.exit == .code(1))
        #expect(result.errors.contains("Bad directive"), "\(result.errors)")
        #expect(premises.programs.isEmpty)
    }
}
