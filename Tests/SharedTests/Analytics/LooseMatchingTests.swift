import Shared
import Testing

@Suite("Payout lines matched by their amount")
struct LooseMatchingTests {
    private func item(_ id: Int64, _ hours: Int64, account: String = "") -> LooseMatching.Item {
        LooseMatching.Item(id: id, at: Timestamp(milliseconds: hours * 3_600_000), account: account)
    }

    @Test("only within three days, to the millisecond, and only where one fits")
    func window() {
        let line = LooseMatching.Item(id: 1, at: Timestamp(milliseconds: 1_000_000_000))
        func outcome(_ offset: Int64...) -> LooseMatching.Outcome? {
            let candidates = offset.enumerated().map { index, offset in
                LooseMatching.Item(id: Int64(10 + index), at: line.at.advanced(byMilliseconds: offset))
            }
            return LooseMatching.match(lines: [line], candidates: candidates)[1]
        }
        let window = LooseMatching.window
        #expect(outcome() == .unmatched)
        #expect(outcome(window) == .matched(10) && outcome(-window) == .matched(10))
        #expect(outcome(window + 1) == .unmatched && outcome(-window - 1) == .unmatched)
        #expect(outcome(0, window) == .ambiguous && outcome(0, window + 1) == .matched(10))
    }

    @Test("two lines never share one candidate")
    func sharing() {
        let outcomes = LooseMatching.match(
            lines: [item(1, 0), item(2, 48), item(3, 300)],
            candidates: [item(10, 24), item(11, 310)]
        )
        #expect(outcomes == [1: .ambiguous, 2: .ambiguous, 3: .matched(11)])
    }

    @Test("as the definition says, whatever the order: 500 seeded cases")
    func definition() {
        var random = SeededNumbers(7)
        for round in 0..<500 {
            func items() -> [LooseMatching.Item] {
                (0..<Int64(random.number(0, 6))).map {
                    item($0, Int64(random.number(0, 300)), account: ["", "a", "b"][random.number(0, 2)])
                }
            }
            let (lines, candidates) = (items(), items())
            func near(_ one: LooseMatching.Item, _ other: LooseMatching.Item) -> Bool {
                (one.account == other.account || one.account.isEmpty || other.account.isEmpty)
                    && abs(one.at.milliseconds - other.at.milliseconds) <= LooseMatching.window
            }
            var expected: [Int64: LooseMatching.Outcome] = [:]
            for line in lines {
                let fits = candidates.filter { near(line, $0) }
                let isAlone = fits.count == 1 && lines.filter { near($0, fits[0]) }.count == 1
                expected[line.id] = fits.isEmpty ? .unmatched : isAlone ? .matched(fits[0].id) : .ambiguous
            }
            #expect(
                LooseMatching.match(lines: lines.reversed(), candidates: candidates) == expected,
                "seed 7, round \(round)"
            )
        }
    }
}

/// Seeded numbers (SplitMix64).
private struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func number(_ low: Int, _ high: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return low + Int((value ^ (value >> 31)) % UInt64(high - low + 1))
    }
}
