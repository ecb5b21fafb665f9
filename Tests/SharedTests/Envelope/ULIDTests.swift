import Testing

@testable import Shared

@Suite("ULID")
struct ULIDTests {
    /// A generator of known numbers.
    private struct Numbers: RandomNumberGenerator {
        var values: [UInt64]

        mutating func next() -> UInt64 { values.isEmpty ? 7 : values.removeFirst() }
    }

    @Test("writes the specification's time digits and all random bits")
    func text() {
        // 1469918176385 is the example of github.com/ulid/spec: 01ARYZ6S41.
        let ulid = ULID(at: Timestamp(milliseconds: 1_469_918_176_385), randomHigh: .max, randomLow: .max)
        #expect(ulid.description == "01ARYZ6S41ZZZZZZZZZZZZZZZZ")
        #expect(
            ULID(at: Timestamp(milliseconds: -5), randomHigh: 0, randomLow: 0).description
                == String(repeating: "0", count: 26)
        )
        #expect(
            ULID(at: Timestamp(milliseconds: .max), randomHigh: 0, randomLow: 33).description
                == "7ZZZZZZZZZ0000000000000011"
        )
    }

    @Test("a text's instant is read, and that of what is no ULID is not")
    func instant() {
        let at = Timestamp(milliseconds: 1_469_918_176_385)
        #expect(ULID.instant(of: "01ARYZ6S41ZZZZZZZZZZZZZZZZ") == at)
        #expect(ULID.instant(of: ULID(at: at, randomHigh: 1, randomLow: 2).description) == at)
        #expect(ULID.instant(of: "7ZZZZZZZZZ0000000000000011") == Timestamp(milliseconds: 1 << 48 - 1))
        for text in ["", "evt_1", "8ZZZZZZZZZ0000000000000011", "01ARYZ6S41ZZZZZZZZZZZZZZZU", "01aryz6s41"] {
            #expect(ULID.instant(of: text) == nil, "\(text)")
        }
    }

    @Test("grows within a millisecond, when the clock steps back, and when the random bits are used up")
    func monotonic() {
        var generator = ULIDGenerator()
        var numbers = Numbers(values: [.max, .max, 1, 2, 3, 4])
        let at = Timestamp(milliseconds: 1_000)
        let first = generator.next(at: at, using: &numbers)
        let second = generator.next(at: at, using: &numbers)
        let third = generator.next(at: Timestamp(milliseconds: 1), using: &numbers)
        let fourth = generator.next(at: Timestamp(milliseconds: 5_000), using: &numbers)
        #expect(first.milliseconds == 1_000)
        #expect(second.milliseconds == 1_001)
        #expect(first < second && second < third && third < fourth)
        #expect(first.description < second.description && third.description < fourth.description)
        #expect(third.randomLow == second.randomLow + 1)
        #expect(fourth.milliseconds == 5_000)
    }

    @Test("ten thousand of one millisecond are distinct and sorted")
    func many() {
        var generator = ULIDGenerator()
        var random = SystemRandomNumberGenerator()
        let texts = (0..<10_000).map { _ in
            generator.next(at: Timestamp(milliseconds: 1_795_428_000_000), using: &random).description
        }
        #expect(Set(texts).count == texts.count)
        #expect(texts == texts.sorted())
    }
}
