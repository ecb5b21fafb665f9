import Logging
import ServiceLifecycle
import Shared
import SharedRuntime
import TestSupport
import Testing

@testable import growth_worker

@Suite("Health server")
struct HealthServerTests {
    private let health = WorkerHealth()
    private let clock = ManualClock()
    private let places = Monitor<[String]>([])
    private let log = Monitor<[String]>([])

    private func server(_ address: ListenAddress) -> HealthServer {
        let log = log
        let logger = Logger(label: "health") { label in
            JSONLogHandler(label: label, level: .info) { line in
                log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        return HealthServer(address: address, health: health, clock: clock, logger: logger) {
            [places] place in
            places.withLock { $0.append(place) }
        }
    }

    /// Runs a body while servers serve, with the ports on which they listen.
    ///
    /// It is patient: other tests may keep the pool's threads busy.
    private func serving(
        _ servers: [HealthServer],
        _ body: @escaping @Sendable ([Int]) throws -> Void
    ) async throws {
        let places = places
        places.withLock { $0 = [] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { try await server.run() }
                let place = try await OffPool.run {
                    places.wait(until: .now + .seconds(120)) { $0.count > index ? $0[index] : nil }
                }
                _ = try #require(place)
            }
            let ports = places.withLock { $0 }.compactMap {
                $0.split(separator: ":").last.flatMap { Int($0) }
            }
            try await OffPool.run { try body(ports) }
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    @Test("answers 503 before the first evaluation, 200 after it, and 503 when the watchdog stalls")
    func healthz() async throws {
        try await serving([server(.tcp(host: "127.0.0.1", port: 0))]) { ports in
            let client = HTTPClient(port: try #require(ports.first))
            for path in ["/healthz", "/readyz", "/healthz?verbose"] {
                #expect(try client.get(path).status == 503)
            }
            health.evaluated(at: clock.now)
            for path in ["/healthz", "/readyz", "/healthz?verbose"] {
                #expect(try client.get(path).status == 200)
            }
            clock.advance(byMilliseconds: 45_000)
            #expect(try client.get("/healthz").status == 503)
            #expect(try client.get("/nothing").status == 404)
        }
    }

    @Test("writes metrics that Prometheus can read")
    func metrics() async throws {
        health.committed(CommitReport(stored: 3, duplicates: 1, entries: 5), jobs: 5, at: clock.now)
        health.laneIsBusy(true)
        health.reaped(2)
        try await serving([server(.tcp(host: "127.0.0.1", port: 0))]) { ports in
            let answer = try HTTPClient(port: try #require(ports.first)).get("/metrics")
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.text.hasSuffix("\n"))
            let values = try Self.samples(of: answer.text)
            #expect(values["growth_worker_jobs_total"] == 5)
            #expect(values["growth_worker_stored_total"] == 3)
            #expect(values["growth_worker_duplicates_total"] == 1)
            #expect(values[#"growth_worker_dead_total{source="generic"}"#] == 0)
            #expect(values["growth_worker_entries_total"] == 5)
            #expect(values["growth_worker_batches_total"] == 1)
            #expect(values["growth_worker_reaped_total"] == 2)
            #expect(values["growth_worker_busy_lanes"] == 1)
            #expect(values["growth_worker_last_commit_seconds"] == 1_795_428_000)
            #expect(values["growth_watchdog_last_evaluation_seconds"] == 0)
        }
    }

    /// The samples of a text in Prometheus' format, every family of which has its help and type once.
    private static func samples(of text: String) throws -> [String: Double] {
        var values: [String: Double] = [:]
        var family = ""
        var families: Set<String> = []
        var type = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("# HELP ") {
                family = words[2]
                #expect(families.insert(family).inserted, "\(family) twice")
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == family)
                type = words[3]
                #expect(["counter", "gauge", "histogram"].contains(type))
                #expect(family.hasSuffix("_total") == (type == "counter"))
            } else {
                let name = words[0].prefix { $0 != "{" }
                let suffix = name.dropFirst(family.count)
                #expect(name.hasPrefix(family))
                #expect((type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]).contains(suffix))
                #expect(values.updateValue(try #require(Double(words[1])), forKey: words[0]) == nil)
            }
        }
        return values
    }

    @Test("is not ready while work waits that no lane takes, and alive all the same")
    func stalled() async throws {
        try await serving([server(.tcp(host: "127.0.0.1", port: 0))]) { ports in
            let client = HTTPClient(port: try #require(ports.first))
            health.evaluated(at: clock.now)
            health.metrics.noteStall(true)
            #expect(try client.get("/readyz").status == 503)
            #expect(try client.get("/healthz").status == 200)
            health.metrics.noteStall(false)
            #expect(try client.get("/readyz").status == 200)
        }
    }

    @Test("takes the next free port where one is taken")
    func takenPort() async throws {
        let port = try FreePort.find()
        let address = ListenAddress.tcp(host: "127.0.0.1", port: port)
        try await serving([server(address), server(address)]) { ports in
            try #require(ports.count == 2)
            #expect(ports[0] == port)
            #expect(ports[1] > port && ports[1] < port + 100)
            #expect(try HTTPClient(port: ports[1]).get("/metrics").status == 200)
        }
    }

    @Test("closes a connection beyond its limit, the newest, and takes one again when another has gone")
    func connectionLimit() async throws {
        var server = server(.tcp(host: "127.0.0.1", port: 0))
        server.mostConnections = 2
        try await serving([server]) { ports in
            let port = try #require(ports.first)
            let request = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
            let held = try (1...2).map { _ in try RawConnection(port: port) }
            for connection in held {
                try connection.send(request)
                #expect(try connection.nextAnswer().status == 200)
            }
            #expect(try RawConnection(port: port).bytesUntilEnd(within: .seconds(60)) == [])
            let isTold = log.wait(until: .now + .seconds(60)) { lines in
                lines.contains { $0.contains("all places are taken") } ? true : nil
            }
            #expect(isTold == true)
            // Those that came before are served as ever.
            try held[0].send(request)
            #expect(try held[0].nextAnswer().status == 200)
            held[1].close()
            let isTaken = Eventually.holds(within: .seconds(60)) {
                (try? HTTPClient(port: port).get("/metrics").status) == 200
            }
            #expect(isTaken)
        }
    }

    @Test("closes a connection over which no whole request comes, before the first and after an answer")
    func idle() async throws {
        var server = server(.tcp(host: "127.0.0.1", port: 0))
        server.requestTime = .milliseconds(300)
        try await serving([server]) { ports in
            let port = try #require(ports.first)
            #expect(try RawConnection(port: port).bytesUntilEnd(within: .seconds(60)) == [])
            let slow = try RawConnection(port: port)
            // Each of these comes soon after the one before; together they are no request.
            try slow.send("GET / HTTP/1.1\r\n")
            let isCut = Eventually.holds(within: .seconds(60)) { (try? slow.send("a: b\r\n")) == nil }
            #expect(isCut)
            let served = try RawConnection(port: port)
            try served.send("GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(try served.nextAnswer().status == 404)
            #expect(served.bytesUntilEnd(within: .seconds(60)) == [])
        }
    }

    @Test("serves on a Unix socket, also where a dead worker left its own")
    func unixSocket() async throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("health.sock")
        for _ in 1...2 {
            try await serving([server(.unix(path: path))]) { _ in
                let result = try ProcessRunner.run("curl", ["-s", "--unix-socket", path, "http://x/metrics"])
                #expect(result.output.contains("growth_worker_jobs_total"))
            }
        }
    }

    @Test("costs no job where it can't listen: it says so and waits for the end")
    func noPlace() async throws {
        let server = server(.unix(path: "/nowhere/at/all.sock"))
        let ended = Monitor(false)
        let task = Task {
            try? await server.run()
            ended.withLock { $0 = true }
        }
        let log = log
        let line = try await OffPool.run {
            log.wait(until: .now + .seconds(120)) { $0.first { $0.contains("can't be answered") } }
        }
        #expect(line != nil)
        #expect(!ended.withLock { $0 })
        task.cancel()
        await task.value
        #expect(ended.withLock { $0 })
    }
}
