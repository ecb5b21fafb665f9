import Shared
import Testing

@Suite("PAYOUT_UNMATCHED")
struct PayoutRuleTests {
    private func backlog(
        _ source: String,
        _ count: Int,
        oldest: String = "po_1",
        discrepancies: Int = 0
    ) throws -> PayoutBacklog {
        PayoutBacklog(
            source: try #require(SourceID(source)),
            count: count,
            discrepancies: discrepancies,
            oldest: oldest,
            oldestSeenAt: at("2026-11-20T09:00:00Z")
        )
    }

    @Test("an alert that ends because its payout is 30 days old says so")
    func expired() throws {
        var world = WatchdogWorld()
        world.payouts = [try backlog("shopify", 1)]
        world.tick("2026-11-22T09:00:00Z")
        world.payouts = []
        world.tick("2026-12-20T09:00:01Z")
        #expect(world.open.isEmpty && world.reasons == ["EXPIRED"])
    }

    @Test("one alert a source, whose figures follow until nothing is left")
    func life() throws {
        var world = WatchdogWorld()
        world.payouts = [try backlog("shopify", 2)]
        world.tick("2026-11-22T09:00:00Z")
        #expect(world.open == ["PAYOUT_UNMATCHED|shopify|po_1"])
        #expect(world.alerts[0].severity == .warning)
        #expect(world.alerts[0].activeSince == at("2026-11-22T09:00:00Z"))
        #expect(world.alerts[0].detail.payouts == 2)
        #expect(world.tick("2026-11-22T09:01:00Z").isEmpty)
        // The oldest is explained, another contradicts itself: the same alert goes on.
        world.payouts = [
            try backlog("shopify", 1, oldest: "po_2", discrepancies: 1), try backlog("stripe", 1),
        ]
        world.tick("2026-11-22T10:00:00Z")
        #expect(world.open == ["PAYOUT_UNMATCHED|shopify|po_1", "PAYOUT_UNMATCHED|stripe|po_1"])
        #expect(world.alerts[0].severity == .critical && world.alerts[0].detail.discrepancies == 1)
        world.payouts = []
        world.tick("2026-11-22T11:00:00Z")
        #expect(world.open.isEmpty && world.reasons == ["MATCHED", "MATCHED"])
        // One that was explained and is so no longer is news, alone or as the oldest of several.
        world.payouts = [try backlog("shopify", 1)]
        world.tick("2026-11-22T12:00:00Z")
        #expect(world.open == ["PAYOUT_UNMATCHED|shopify|po_1"])
        #expect(world.tick("2026-11-22T12:01:00Z").isEmpty)
    }
}
