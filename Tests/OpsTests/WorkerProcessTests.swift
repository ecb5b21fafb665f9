import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite("The worker as a process", .serialized)
struct WorkerProcessTests {
    private let console: Console

    init() throws {
        console = try Console()
    }

    private func start() throws -> RunningProcess {
        let settings: [String: String?] = console.environment
            .merging(["GROWTH_WORKER_LISTEN": "127.0.0.1:0"]) { $1 }.mapValues { $0 }
        let worker = try ProcessRunner.start(BuiltPrograms.path("growth-worker"), environment: settings)
        _ = try worker.waitForLine(containing: "Health checks are answered", within: .seconds(20))
        let hasReported = try Eventually.holds(within: .seconds(20)) {
            try console.json("workers", "list").elements.count == 1
        }
        #expect(hasReported)
        return worker
    }

    @Test("ends with 0 on SIGTERM, leaves its record, and writes only JSON")
    func terminates() throws {
        let worker = try start()
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
        #expect(try console.json("workers", "list").elements.isEmpty)
        for line in worker.errors.split(separator: "\n") {
            #expect(try JSONDocument(Array(line.utf8)).root["message"].string != nil)
        }
    }

    @Test("dumps no memory and tells a true record")
    func record() throws {
        let worker = try start()
        let limits = try String(contentsOfFile: "/proc/\(worker.identifier)/limits", encoding: .utf8)
        let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(core?.split(separator: " ").filter { $0 == "0" }.count == 2)
        let row = try #require(try console.json("workers", "list").elements.first)
        #expect(row["pid"].int64 == Int64(worker.identifier))
        #expect((row["resident_bytes"].int64 ?? 0) > 1 << 20)
        #expect((row["redis_rtt_us"].int64 ?? 0) > 0)
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(25)) == .code(0))
    }

    @Test("drains within 25 seconds while Redis does not answer")
    func frozenRedis() throws {
        let worker = try start()
        console.redis.freeze()
        defer { console.redis.thaw() }
        worker.terminate()
        let start = ContinuousClock.now
        _ = try worker.waitForExit(within: .seconds(30))
        #expect(ContinuousClock.now - start < .seconds(26))
    }

    @Test("ends at once on a second SIGTERM, but not on the SIGTERM that a supervisor sends after Ctrl-C")
    func secondSignal() throws {
        let worker = try start()
        // It now waits seconds for an answer.
        console.redis.freeze()
        defer { console.redis.thaw() }
        worker.send(signal: SIGINT)
        worker.terminate()
        #expect(!Eventually.holds(within: .milliseconds(500)) { !worker.isRunning })
        worker.terminate()
        #expect(try worker.waitForExit(within: .seconds(5)) == .code(143))
    }
}
