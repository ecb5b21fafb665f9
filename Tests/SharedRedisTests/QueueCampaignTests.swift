import Shared
import SharedRedis
import TestSupport
import Testing

/// Lanes that die, lose calls, come too late and fail jobs, all at random; nothing may be lost.
@Suite struct QueueCampaignTests {
    private struct Player {
        var lane: RedisLane
        var name: String
        var hand: [[UInt8]] = []
    }

    @Test("pushed = done ∪ dead over a random campaign", arguments: 0..<6)
    func campaign(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let fixture = try RedisFixture()
        let names = (0..<400).map { "j\($0)" }
        var waiting = names[...]
        var done: Set<String> = []
        var settledDead: Set<String> = []
        var serial = 0
        func makePlayer() throws -> Player {
            serial += 1
            return Player(lane: try fixture.lane("p\(serial)"), name: "p\(serial)")
        }
        var players = try (0..<4).map { _ in try makePlayer() }
        var steps = 0
        while true {
            steps += 1
            try #require(steps < 50_000, "Seed \(seed): the campaign does not end.")
            if !waiting.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
                let chunk = waiting.prefix(Int.random(in: 1...40, using: &random))
                waiting = waiting.dropFirst(chunk.count)
                try fixture.push(Array(chunk))
            }
            let index = Int.random(in: 0..<players.count, using: &random)
            let isCalm = waiting.isEmpty && steps > 2500
            switch isCalm ? 99 : Int.random(in: 0..<100, using: &random) {
            case 0..<2:  // Killed: its batch is never acknowledged.
                try fixture.expireLease(of: players[index].name)
                players[index] = try makePlayer()
            case 2..<4:  // Paused beyond its lease; it goes on as if nothing had happened.
                try fixture.expireLease(of: players[index].name)
            case 4..<9: players[index].lane.client.nextFault = .lostReply
            case 9..<12: players[index].lane.client.nextFault = .lostRequest
            case 12..<16: _ = try fixture.client.send(RedisCommand("SCRIPT", "FLUSH"))
            case 16..<25: _ = try fixture.reap()
            case 25..<32: _ = try fixture.promote()
            default:
                try play(&players[index], random: &random, done: &done, dead: &settledDead)
            }
            guard isCalm else { continue }
            _ = try fixture.reap()
            _ = try fixture.promote()
            let contents = try fixture.contents()
            if contents == QueueContents(dead: contents.dead), players.allSatisfy({ $0.hand.isEmpty }) {
                #expect(done.union(contents.dead) == Set(names), "Seed \(seed), round \(round).")
                #expect(settledDead.isSubset(of: contents.dead), "Seed \(seed): a filed dead letter is gone.")
                #expect(contents.dead.count == Set(contents.dead).count, "Seed \(seed): filed twice.")
                return
            }
        }
    }

    /// One turn of a lane: commits its hand, acknowledges it with some failures, and takes the next.
    private func play(
        _ player: inout Player,
        random: inout SeededGenerator,
        done: inout Set<String>,
        dead: inout Set<String>
    ) throws {
        var outcome = BatchOutcome(jobCount: player.hand.count)
        var finished: Set<String> = []
        for job in player.hand {
            let name = JobPayload.name(of: job)
            switch Int.random(in: 0..<20, using: &random) {
            case 0 where !done.contains(name): outcome.dead.append(.init(payload: job))
            case 1: outcome.retries.append(.init(payload: job, waitMilliseconds: 0))
            default: finished.insert(name)
            }
        }
        // The commit comes before the acknowledgement, and stands whatever becomes of that.
        done.formUnion(finished)
        for attempt in 0..<3 {
            do {
                let step = try player.lane.step(
                    acknowledging: player.hand.isEmpty ? nil : outcome,
                    takingUpTo: Int.random(in: 0...20, using: &random)
                )
                switch step {
                case .fenced: player.hand = []
                case .jobs(let jobs):
                    dead.formUnion(outcome.dead.map { JobPayload.name(of: $0.payload) })
                    player.hand = jobs.map(\.payload)
                }
                return
            } catch {
                #expect(attempt < 2)
            }
        }
    }
}
