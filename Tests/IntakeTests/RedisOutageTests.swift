import Foundation
import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Redis away, full, frozen") struct RedisOutageTests {
    private func post(_ intake: IntakeFixture, _ id: Int = 1) -> HTTPClient.Answer? {
        try? intake.client.post("/webhooks/generic/a", body: Array(Request.event(id).utf8))
    }

    private func takesAgain(_ intake: IntakeFixture) -> Bool {
        Eventually.holds(within: .seconds(10)) { post(intake)?.status == 202 }
    }

    @Test("a frozen Redis is 503 with Retry-After within the deadline, and used again when it answers")
    func frozen() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .milliseconds(400)
        try await IntakeFixture.run(limits: limits) { intake async throws in
            intake.redis.freeze()
            let began = ContinuousClock.now
            let answer = post(intake)
            #expect(answer?.status == 503)
            #expect(answer?.headers["retry-after"] == "2")
            #expect(ContinuousClock.now - began < .seconds(5))
            // From now on it is refused without waiting.
            let isRefusedAtOnce = Eventually.holds(within: .seconds(5)) {
                let began = ContinuousClock.now
                return post(intake)?.status == 503 && ContinuousClock.now - began < .milliseconds(200)
            }
            #expect(isRefusedAtOnce)
            #expect(try intake.client.get("/readyz").status == 503)
            #expect(try intake.client.get("/healthz").status == 200)
            intake.redis.thaw()
            #expect(takesAgain(intake))
            #expect(try intake.client.get("/readyz").status == 200)
        }
    }

    @Test("without traffic, too, readiness follows a Redis that no longer answers")
    func silentFreeze() async throws {
        var limits = IntakeLimits()
        limits.pushTime = .milliseconds(300)
        try await IntakeFixture.run(limits: limits) { intake in
            intake.redis.freeze()
            let isUnready = Eventually.holds(within: .seconds(10)) {
                (try? intake.client.get("/readyz").status) == 503
            }
            #expect(isUnready)
            intake.redis.thaw()
            try intake.waitUntilReady()
        }
    }

    @Test("what was answered 202 outlives a kill of Redis; the intake connects anew and registers its queues")
    func restart() async throws {
        let redis = try RedisServer(.init(appendOnly: true, extraArguments: ["--appendfsync", "always"]))
        try await IntakeFixture.run(redis: redis) { intake in
            #expect(post(intake, 1)?.status == 202)
            redis.kill()
            let answer = try #require(post(intake, 2))
            #expect(answer.status == 503)
            #expect(try intake.client.get("/readyz").status == 503)
            try redis.restart()
            try intake.waitUntilReady()
            #expect(post(intake, 3)?.status == 202)
            #expect(try intake.envelopes().map(\.provenance.eventID) == ["evt_1", "evt_3"])
            #expect(
                try intake.metric(#"growth_intake_requests_total{source="generic",outcome="unavailable"} 1"#)
            )
        }
    }

    @Test("Redis may come after the intake")
    func lateRedis() async throws {
        let redis = try RedisServer()
        redis.kill()
        try await IntakeFixture.run(redis: redis, waitsUntilReady: false) { intake in
            #expect(post(intake)?.status == 503)
            #expect(try intake.client.get("/readyz").status == 503)
            try redis.restart()
            #expect(takesAgain(intake))
        }
    }

    @Test("a full Redis is 503 and not ready; both end when it has room again")
    func full() async throws {
        try await IntakeFixture.run { intake in
            try intake.redis.cli("CONFIG", "SET", "maxmemory", "1")
            #expect(post(intake)?.status == 503)
            #expect(try intake.client.get("/readyz").status == 503)
            #expect(try intake.client.get("/healthz").status == 200)
            try intake.redis.cli("CONFIG", "SET", "maxmemory", "0")
            try intake.waitUntilReady()
            #expect(post(intake)?.status == 202)
            #expect(try intake.depth() == 1)
        }
    }

    @Test("a Redis at the brink of its memory is told once, and once that it is over")
    func brink() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(log: log) { intake in
            for id in 1...3 {
                try intake.redis.cli("CONFIG", "SET", "maxmemory", "1")
                #expect(post(intake, id)?.status == 503)
                try intake.redis.cli("CONFIG", "SET", "maxmemory", "0")
                try intake.waitUntilReady()
                #expect(post(intake, id)?.status == 202)
            }
            #expect(log.withLock { $0 }.count { $0.contains("A dependency is") } == 1)
            let isTold = Eventually.holds(within: .seconds(30)) {
                log.withLock { $0 }.contains { $0.contains("A dependency is back") }
            }
            #expect(isTold)
            #expect(log.withLock { $0 }.count { $0.contains("A dependency is") } == 2)
        }
    }

    @Test("a key of a wrong type refuses its own source; Redis is no less ready, and one line tells it")
    func wrongType() async throws {
        let log = Monitor<[String]>([])
        try await IntakeFixture.run(log: log) { intake in
            try intake.redis.cli("SET", "growth:{generic}:queue", "no list")
            for id in 1...3 { #expect(post(intake, id)?.status == 503) }
            #expect(try intake.client.get("/readyz").status == 200)
            let body = Array(#"{"id":"po_1","currency":"TRY","lines":[]}"#.utf8)
            #expect(try intake.client.post("/payouts/shopify", body: body).status == 202)
            try intake.redis.cli("DEL", "growth:{generic}:queue")
            #expect(post(intake, 4)?.status == 202)
            let lines = log.withLock { $0 }
            #expect(lines.count { $0.contains("A queue can't be served") } == 1)
            #expect(!lines.contains { $0.contains("A dependency is down") })
        }
    }

    @Test("an emptied Redis knows the queues again within seconds")
    func emptied() async throws {
        try await IntakeFixture.run { intake in
            try intake.redis.cli("FLUSHALL")
            let isKnown = try Eventually.holds(within: .seconds(10)) {
                try intake.redis.cli("SISMEMBER", "growth:queues", "generic") == "1"
            }
            #expect(isKnown)
        }
    }

    @Test("a password opens Redis, a wrong one leaves the intake alive and not ready")
    func password() async throws {
        let redis = try RedisServer(.init(password: "open sesame"))
        let url = "redis://:open%20sesame@127.0.0.1:\(redis.port)/3"
        try await IntakeFixture.run(["GROWTH_REDIS_URL": url], redis: redis) { intake async throws in
            #expect(post(intake)?.status == 202)
            #expect(try redis.cli("-n", "3", "LLEN", "growth:{generic}:queue") == "1")
            #expect(try redis.cli("CLIENT", "LIST").contains("name=growth-intake"))
        }
        let wrong = "redis://:wrong@127.0.0.1:\(redis.port)/0"
        try await IntakeFixture.run(["GROWTH_REDIS_URL": wrong], redis: redis, waitsUntilReady: false) {
            intake async throws in
            #expect(post(intake)?.status == 503)
            #expect(try intake.client.get("/readyz").status == 503)
            #expect(try intake.client.get("/healthz").status == 200)
        }
    }

    @Test("Redis is reached over its Unix socket")
    func unixSocket() async throws {
        let redis = try RedisServer()
        try await IntakeFixture.run(["GROWTH_REDIS_URL": redis.unixURL], redis: redis) {
            intake async throws in
            #expect(post(intake)?.status == 202)
            #expect(try intake.depth() == 1)
        }
    }

    @Test("what is no Redis is told from one, and the connection given up")
    func noRedis() async throws {
        let redis = try RedisServer()
        try await IntakeFixture.run { other async throws in
            let url = "redis://127.0.0.1:\(other.port)"
            try await IntakeFixture.run(["GROWTH_REDIS_URL": url], redis: redis, waitsUntilReady: false) {
                intake async throws in
                #expect(post(intake)?.status == 503)
                #expect(try intake.client.get("/readyz").status == 503)
            }
        }
    }

    @Test("webhooks sent while Redis comes and goes: each 202 is in Redis, in the order of its connection")
    func flapping() async throws {
        let options = RedisServer.Options(appendOnly: true, extraArguments: ["--appendfsync", "always"])
        let redis = try RedisServer(options)
        try await IntakeFixture.run(redis: redis) { intake in
            let connection = try intake.connect()
            var accepted: [String] = []
            for id in 0..<300 {
                if id == 100 { redis.kill() }
                if id == 150 {
                    try redis.restart()
                    try intake.waitUntilReady()
                }
                try connection.send(Request.post(body: Request.event(id)))
                let answer = try connection.nextAnswer()
                #expect([202, 503].contains(answer.status))
                if answer.status == 202 { accepted.append("evt_\(id)") }
            }
            #expect(accepted.count >= 250)
            let stored = try intake.envelopes().map(\.provenance.eventID)
            #expect(stored.filter(Set(accepted).contains) == accepted)
        }
    }
}
