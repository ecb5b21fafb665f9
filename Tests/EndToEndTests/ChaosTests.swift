import Chaos
import Foundation
import TestSupport
import Testing

/// Everything is killed, stopped and filled under load; every accepted webhook is found exactly once.
@Suite("Chaos", .serialized)
struct ChaosTests {
    /// Runs a campaign, prints its figures, and expects that nothing is lost.
    @discardableResult
    private func run(_ change: (inout Campaign) -> Void) throws -> CampaignReport {
        var random = SeededGenerator(test: "Chaos")
        var campaign = Campaign(seed: random.next())
        campaign.pause = .seconds(2)
        campaign.backlogLimit = 5000
        change(&campaign)
        let report = try campaign.run()
        print(report)
        #expect(report.failures.isEmpty, "\(report.failures)")
        #expect(report.lost == 0)
        return report
    }

    @Test("kills and stops of everything, at random")
    func campaign() throws {
        let report = try run { campaign in
            campaign.strikes = 50
            campaign.poisonJobs = 1
            campaign.pause = .milliseconds(600)
        }
        #expect(report.strikes >= 50)
        // It struck, and its job is a dead letter.
        #expect(report.count(of: .poison) == 1 && report.poisoned == 1)
        // With the times when nobody could answer, and on a machine that does other things as well.
        #expect(report.rate >= 50)
    }

    @Test("kill -9 of Redis under load, and its restart on the append-only file")
    func killRedis() throws {
        let report = try run { $0.faults = [.killRedis, .killRedis, .killRedis] }
        #expect(report.strikes == 3)
        #expect(report.spooled > 0)
    }

    @Test("Redis stopped for longer than the deadline under load")
    func stopRedis() throws {
        let report = try run { $0.faults = [.stopRedisLong, .stopRedisLong] }
        #expect(report.spooled > 0)
    }

    @Test("kill -9 of the intake under load")
    func killIntake() throws {
        let report = try run { campaign in
            campaign.faults = [Fault](repeating: .killIntake, count: 6)
            campaign.pause = .seconds(1)
        }
        #expect(report.strikes == 6)
    }

    @Test("Redis at maxmemory: the workers drain it, the intake spools, and after that everything is stored")
    func fullRedis() throws {
        let report = try run { $0.faults = [.fullRedis, .fullRedis] }
        #expect(report.spooled > 0)
        #expect(report.drainedWhileFull.count == 2 && report.drainedWhileFull.allSatisfy { $0 > 0 })
    }

    @Test("four workers on one database all make progress")
    func shares() throws {
        let report = try run { $0.faults = [.stopWorkerShortly] }
        let shares = report.jobShares
        print("Jobs by worker: \(shares)")
        let total = shares.reduce(0, +)
        #expect(shares.count == 4 && shares.allSatisfy { $0 * 20 > total }, "\(shares)")
    }
}
