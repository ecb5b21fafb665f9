import Foundation
import TestSupport
import Testing

/// How soon others go on with what a killed worker had in hand, and what a worker without work costs.
@Suite("Takeover and idling", .serialized)
struct TakeoverTests {
    /// An order with so many items that a worker has it in hand for a while.
    private var heavyOrder: [UInt8] {
        let items = (0..<6000).map { #"{"product_id":"p\#($0)","quantity":1,"price":"0.01"}"# }
        return Array(
            """
            {"type":"order.paid","order":{"id":"heavy","currency":"TRY","status":"paid",
             "placed_at":"2026-11-20T10:00:00Z","items":[\(items.joined(separator: ","))]}}
            """.utf8
        )
    }

    /// The process that has a job of the generic source in hand.
    private func holder(_ system: Installation) throws -> Int32? {
        let key = try system.redis.cli("KEYS", "growth:{generic}:inflight:*")
        // growth:{generic}:inflight:<host>:<pid>:<nonce>:<lane>
        return key.split(separator: ":").suffix(3).first.flatMap { Int32($0) }
    }

    @Test(
        "a killed worker's batch is worked on again within the lease and two seconds",
        arguments: [(lease: 15, limit: Duration.seconds(17)), (lease: 3, limit: .seconds(5))]
    )
    func takeover(lease: Int, limit: Duration) throws {
        let system = try Installation(settings: ["GROWTH_LEASE_SECONDS": "\(lease)"])
        try system.startIntake()
        try system.startWorker()
        try system.startWorker()
        let json = ["content-type": "application/json"]
        let answer = try system.front.post("/webhooks/generic/x", headers: json, body: heavyOrder)
        #expect(answer.status == 202)
        var victim: RunningProcess?
        let isHeld = try Eventually.holds(within: .seconds(20)) {
            guard let process = try holder(system) else { return false }
            victim = system.workers.first { $0.identifier == process }
            return victim != nil
        }
        try #require(isHeld)
        let killed = try #require(victim)
        killed.kill()
        let start = ContinuousClock.now
        var took = Duration.zero
        let isTakenOver = try Eventually.holds(within: limit + .seconds(10)) {
            guard let process = try holder(system), process != killed.identifier else { return false }
            took = ContinuousClock.now - start
            return true
        }
        print("Taken over after \(took) with a lease of \(lease) s.")
        #expect(isTakenOver && took <= limit)
        try system.waitUntilIdle(within: .seconds(60))
        #expect(try system.count("SELECT count(*) FROM growth_order") == 1)
    }

    @Test(
        "a worker that has nothing to take uses less than 0.5 % of a core and fewer than 30 commands a second",
        arguments: [("nothing", 1), ("nothing", 16), ("paused", 1), ("wrong type", 1)]
    )
    func idling(work: String, lanes: Int) throws {
        let system = try Installation(settings: ["GROWTH_LEASE_SECONDS": "15"])
        if work == "paused" {
            try system.redis.cli("RPUSH", "growth:{generic}:queue", "{}", "{}")
            try system.ctl("queue", "pause", "generic")
        }
        if work == "wrong type" { try system.redis.cli("SET", "growth:{generic}:queue", "no list") }
        let worker = try system.startWorker(arguments: ["--lanes", "\(lanes)"])
        // Past its first look at everything and the watchdog's first evaluation.
        let settled = ContinuousClock.now + .seconds(work == "nothing" ? 8 : 16)
        #expect(Eventually.holds(within: .seconds(30)) { ContinuousClock.now > settled })
        let before = try (commands: commands(system), ticks: ticks(worker))
        let start = ContinuousClock.now
        #expect(Eventually.holds(within: .seconds(20)) { ContinuousClock.now > start + .seconds(10) })
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = Double(try commands(system) - before.commands) / seconds
        let share = Double(try ticks(worker) - before.ticks) / Double(sysconf(Int32(_SC_CLK_TCK))) / seconds
        let cost = "\(rate) commands a second, \(share * 100) % of a core"
        print("An idle worker (\(work), lanes: \(lanes)): \(cost).")
        #expect(rate < 30)
        #expect(share < 0.005)
    }

    /// Commands that Redis has run, those inside scripts among them, without this question.
    private func commands(_ system: Installation) throws -> Int {
        try system.redis.cli("INFO", "commandstats").split(whereSeparator: \.isNewline).reduce(0) {
            sum,
            line in
            guard !line.hasPrefix("cmdstat_info:"), let place = line.range(of: "calls=") else { return sum }
            return sum + (Int(line[place.upperBound...].prefix { $0.isNumber }) ?? 0)
        }
    }

    /// The time that a process has used, in clock ticks: utime and stime of proc_pid_stat(5).
    private func ticks(_ process: RunningProcess) throws -> Int {
        let path = "/proc/\(process.identifier)/stat"
        let text = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
        // The name in parentheses may hold spaces; the state, field 3, follows it.
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
}
