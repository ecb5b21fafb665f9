import Foundation
import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Spool and Redis")
struct SpoolDrainTests {
    /// Runs the body with an intake that has a spool, and the spool.
    private func run(
        _ environment: [String: String] = [:],
        redis: RedisServer,
        spool: DiskSpool,
        limits: IntakeLimits = IntakeLimits(),
        _ body: (IntakeFixture) async throws -> Void
    ) async throws {
        var server = try IntakeFixture.server(environment, redis: redis, limits: limits)
        server.spool = spool
        let intake = try await server.start()
        do {
            try await body(IntakeFixture(redis: redis, intake: intake, port: intake.port ?? 0))
        } catch {
            redis.thaw()
            try await intake.stop()
            throw error
        }
        try await intake.stop()
    }

    private func post(_ intake: IntakeFixture, _ id: Int) throws -> String? {
        let answer = try intake.client.post("/webhooks/generic/a", body: Array(Request.event(id).utf8))
        #expect(answer.status == 202)
        return try JSONDocument(answer.body).root["status"].string
    }

    private func postOrder(_ intake: IntakeFixture, _ id: Int) throws {
        let body = Array(#"{"id":\#(id),"currency":"TRY"}"#.utf8)
        #expect(try intake.client.post("/webhooks/shopify", body: body).status == 202)
    }

    private func isDrained(_ spool: DiskSpool) -> Bool {
        Eventually.holds(within: .seconds(10)) { spool.status.records == 0 }
    }

    @Test("what is spooled comes into Redis once and in its order; new webhooks go there directly")
    func order() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        try await run(redis: redis, spool: spool) { intake async throws in
            redis.kill()
            for id in 1...40 { #expect(try post(intake, id) == "spooled") }
            #expect(spool.status.records == 40)
            #expect(try intake.client.get("/readyz").status == 200)
            #expect(try intake.metric("growth_intake_spool_records 40"))
            #expect(try intake.metric("growth_intake_spool_limit_bytes \(1 << 20)"))
            #expect(
                try intake.metric(#"growth_intake_requests_total{source="generic",outcome="spooled"} 40"#)
            )
            try redis.restart()
            #expect(isDrained(spool))
            #expect(try intake.envelopes().map(\.provenance.eventID) == (1...40).map { "evt_\($0)" })
            #expect(try post(intake, 41) == "queued")
            #expect(try intake.depth() == 41)
        }
    }

    @Test("what an intake left in its spool is drained by the next one")
    func nextStart() async throws {
        let fixture = try SpoolFixture()
        let redis = try RedisServer()
        try await run(redis: redis, spool: fixture.open()) { intake async throws in
            redis.kill()
            for id in 1...5 { #expect(try post(intake, id) == "spooled") }
        }
        try redis.restart()
        let spool = try fixture.open()
        #expect(spool.status.records == 5)
        try await run(redis: redis, spool: spool) { intake async throws in
            #expect(isDrained(spool))
            #expect(try intake.depth() == 5)
        }
    }

    @Test("a Redis that refuses keeps its webhooks in the spool and gets none of them twice")
    func refusing() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        try await run(redis: redis, spool: spool) { intake async throws in
            try intake.waitUntilReady()
            _ = try redis.cli("CONFIG", "SET", "maxmemory", "1")
            for id in 1...3 { #expect(try post(intake, id) == "spooled") }
            #expect(spool.status.drained == 0)
            _ = try redis.cli("CONFIG", "SET", "maxmemory", "0")
            #expect(isDrained(spool))
            #expect(try intake.envelopes().map(\.provenance.eventID) == ["evt_1", "evt_2", "evt_3"])
        }
    }

    @Test("a queue of a wrong type holds up no other source, and gets its webhooks once it is mended")
    func wrongType() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        try await run(redis: redis, spool: spool) { intake async throws in
            try intake.waitUntilReady()
            try redis.cli("SET", "growth:{generic}:queue", "x")
            try redis.cli("CONFIG", "SET", "maxmemory", "1")
            for id in 1...3 { #expect(try post(intake, id) == "spooled") }
            for id in 1...5 { try postOrder(intake, id) }
            #expect(spool.status.records == 8)
            try redis.cli("CONFIG", "SET", "maxmemory", "0")
            let areThrough = try Eventually.holds(within: .seconds(20)) {
                try intake.envelopes("shopify").count == 5
            }
            #expect(areThrough)
            #expect(Eventually.holds(within: .seconds(10)) { spool.status.records == 3 })
            #expect(spool.status.drained == 5)
            try redis.cli("DEL", "growth:{generic}:queue")
            #expect(isDrained(spool))
            let ids = try intake.envelopes().map(\.provenance.eventID)
            #expect(Set(ids) == ["evt_1", "evt_2", "evt_3"])
        }
    }

    @Test("a delivery whose signature does not verify is never spooled")
    func quarantine() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        try await run(["GROWTH_GENERIC_A_SECRETS": "hush"], redis: redis, spool: spool) {
            intake async throws in
            redis.kill()
            let answer = try intake.client.post("/webhooks/generic/a", body: Array(Request.event().utf8))
            #expect(answer.status == 401)
            #expect(spool.status.records == 0 && spool.status.bytes == 0)
        }
    }

    @Test("a queue above its hard limit sends its webhooks to the spool until it is below low water again")
    func hardLimit() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        let limits = ["GROWTH_QUEUE_SOFT_LIMIT": "4", "GROWTH_QUEUE_HARD_LIMIT": "8"]
        try await run(limits, redis: redis, spool: spool) { intake async throws in
            for id in 1...8 { #expect(try post(intake, id) == "queued") }
            #expect(try intake.metric(#"growth_intake_queue_depth{source="generic"} 8"#))
            #expect(try intake.metric(#"growth_intake_queue_pressure{source="generic"} 2"#))
            for id in 9...12 { #expect(try post(intake, id) == "spooled") }
            // Another source is none of its business.
            let payout = try intake.client.post("/payouts/generic", body: Array("{}".utf8))
            #expect(String(decoding: payout.body, as: UTF8.self).contains("queued"))
            #expect(try intake.client.get("/readyz").status == 200)
            // Six is low water: nothing moves yet.
            try redis.cli("LPOP", "growth:{generic}:queue", "2")
            #expect(!Eventually.holds(within: .milliseconds(1500)) { spool.status.records < 4 })
            try redis.cli("LPOP", "growth:{generic}:queue", "1")
            #expect(Eventually.holds(within: .seconds(10)) { spool.status.records == 1 })
            // Three of them filled it up again; the last one waits for its room.
            #expect(try intake.depth() == 8)
            let first = try intake.envelopes().map(\.provenance.eventID)
            #expect(first.prefix(5) == ["evt_4", "evt_5", "evt_6", "evt_7", "evt_8"])
            try redis.cli("DEL", "growth:{generic}:queue")
            #expect(isDrained(spool))
            let rest = try intake.envelopes().map(\.provenance.eventID)
            #expect((first.dropFirst(5) + rest).sorted() == ["evt_10", "evt_11", "evt_12", "evt_9"])
            #expect(try post(intake, 13) == "queued")
            // Nothing comes any more: that the pressure is over is asked for.
            for id in 14...17 { #expect(try post(intake, id) == "queued") }
            #expect(try intake.metric(#"growth_intake_queue_pressure{source="generic"} 1"#))
            try redis.cli("DEL", "growth:{generic}:queue")
            let isOver = try Eventually.holds(within: .seconds(5)) {
                try intake.metric(#"growth_intake_queue_pressure{source="generic"} 0"#)
            }
            #expect(isOver)
        }
    }

    @Test("a queue that stays above its hard limit holds up nothing that is spooled later")
    func laterBehindRefused() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let redis = try RedisServer()
        var limits = IntakeLimits()
        limits.spoolRoundPause = .seconds(1)
        let depths = ["GROWTH_QUEUE_SOFT_LIMIT": "4", "GROWTH_QUEUE_HARD_LIMIT": "8"]
        try await run(depths, redis: redis, spool: spool, limits: limits) { intake async throws in
            for id in 1...8 { #expect(try post(intake, id) == "queued") }
            for id in 9...11 { #expect(try post(intake, id) == "spooled") }
            // All of them were refused by then, and what follows are single tries.
            #expect(!Eventually.holds(within: .milliseconds(2500)) { spool.status.records < 3 })
            try redis.cli("CONFIG", "SET", "maxmemory", "1")
            try postOrder(intake, 1)
            #expect(spool.status.records == 4)
            try redis.cli("CONFIG", "SET", "maxmemory", "0")
            let isThrough = try Eventually.holds(within: .seconds(15)) {
                try intake.envelopes("shopify").count == 1
            }
            #expect(isThrough)
            #expect(try intake.depth() == 8)
        }
    }

    @Test("above the hard limit and without a spool, a webhook is refused and comes again")
    func hardLimitWithoutSpool() async throws {
        try await IntakeFixture.run(["GROWTH_QUEUE_HARD_LIMIT": "2"]) { intake in
            for id in 1...2 {
                let answer = try intake.client.post(
                    "/webhooks/generic/a",
                    body: Array(Request.event(id).utf8)
                )
                #expect(answer.status == 202)
            }
            let refused = try intake.client.post("/webhooks/generic/a", body: Array(Request.event(3).utf8))
            #expect(refused.status == 503 && refused.headers["retry-after"] != nil)
            #expect(try intake.depth() == 2)
        }
    }
}
