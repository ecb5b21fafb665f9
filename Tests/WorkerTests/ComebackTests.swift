import Shared
import Testing

@testable import growth_worker

@Suite("Comeback of lanes")
struct ComebackTests {
    private var comeback = Comeback(gapMilliseconds: 6000)

    private func time(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: 1_800_000_000_000 + milliseconds)
    }

    @Test("answers at the usual distance put nothing off")
    mutating func steady() {
        for milliseconds in stride(from: 0, through: 60_000, by: 6000) {
            comeback.answered(at: time(Int64(milliseconds)))
            #expect(comeback.isOver(at: time(Int64(milliseconds))))
        }
    }

    @Test("after a gap, lanes get the longest of their waits, and then reaping goes on")
    mutating func gap() {
        comeback.answered(at: time(0))
        comeback.answered(at: time(6001))
        #expect(!comeback.isOver(at: time(6001)))
        #expect(!comeback.isOver(at: time(6001 + Int64(Backoff.longestMilliseconds))))
        #expect(comeback.isOver(at: time(6001 + Comeback.milliseconds)))
    }

    @Test("a Redis that is always slow does not put reaping off for good")
    mutating func slow() {
        var over: [Int64] = []
        for milliseconds in stride(from: Int64(0), through: 90_000, by: 6500) {
            comeback.answered(at: time(milliseconds))
            guard comeback.isOver(at: time(milliseconds)) else { continue }
            over.append(milliseconds)
            comeback.reaped()
        }
        #expect(over == [0, 39_000, 78_000])
    }

    @Test("a clock that is set back does not prolong it")
    mutating func clockSetBack() {
        comeback.answered(at: time(0))
        comeback.answered(at: time(7000))
        #expect(comeback.isOver(at: time(-3_600_000)))
    }
}
