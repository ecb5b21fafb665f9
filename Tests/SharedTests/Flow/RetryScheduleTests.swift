import Shared
import TestSupport
import Testing

@Suite("When a job is tried again")
struct RetryScheduleTests {
    /// Always the same number; 0 would be drawn again for ever.
    private struct Constant: RandomNumberGenerator {
        var value: UInt64
        func next() -> UInt64 { value }
    }

    private func bounds(_ attempt: Int) -> (low: Int64, high: Int64)? {
        var (least, most) = (Constant(value: 1), Constant(value: .max))
        guard let low = RetrySchedule.wait(afterAttempt: attempt, random: &least),
            let high = RetrySchedule.wait(afterAttempt: attempt, random: &most)
        else { return nil }
        return (low, high)
    }

    @Test("waits n⁴ + 15 seconds and a growing share by chance, never longer than an hour")
    func schedule() throws {
        for (attempt, low, spread) in [(0, 15, 10), (1, 16, 20), (2, 31, 30), (5, 640, 60), (7, 2416, 80)] {
            let found = try #require(bounds(attempt))
            #expect(found.low == Int64(low) * 1000)
            #expect(found.high == Int64(low + spread) * 1000 - 1)
        }
        for attempt in 8..<11 {
            let found = try #require(bounds(attempt))
            #expect(found.high < RetrySchedule.capMilliseconds)
            // Those that failed together come back apart under the cap, too.
            #expect(found.high - found.low + 1 == Int64(attempt + 1) * 10_000)
        }
    }

    @Test("grows from try to try, and ends after the twelfth")
    func growth() throws {
        let lows = (0..<11).compactMap { bounds($0)?.low }
        #expect(lows.count == 11)
        #expect(zip(lows, lows.dropFirst()).prefix(8).allSatisfy { $0 < $1 })
        for attempt in [11, 12, 25, Int.max] { #expect(bounds(attempt) == nil) }
        #expect(bounds(.min)?.low == 15_000)
    }

    @Test("every wait lies between the bounds, whatever the chance")
    func chance() throws {
        var random = SeededGenerator(test: "RetrySchedule")
        for attempt in 0..<11 {
            let (low, high) = try #require(bounds(attempt))
            var waits: Set<Int64> = []
            for _ in 0..<100 {
                let wait = try #require(RetrySchedule.wait(afterAttempt: attempt, random: &random))
                #expect((low...high).contains(wait))
                waits.insert(wait)
            }
            #expect(waits.count > 50)
        }
    }

    @Test("only what another release, configuration or row can cure is tried again")
    func reasons() {
        #expect(DeadReason.unknownSource("x").mayPass)
        #expect(DeadReason.storeConstraint("x").mayPass)
        for reason in [
            DeadReason.unreadableEnvelope("x"), .missingField("x"), .invalidAmount("x"),
            .invalidCurrency("x"),
            .invalidTime("x"), .unmappedShape("x"), .unreadableBody("not-json", sealed: nil),
        ] {
            #expect(!reason.mayPass)
        }
    }
}
