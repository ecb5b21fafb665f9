import Shared
import TestSupport
import Testing

@Suite("Depth limits")
struct DepthLimitsTests {
    private let limits = DepthLimits(soft: 100, hard: 1000)

    @Test("a limit is reached at its depth and left only below three quarters of it")
    func hysteresis() {
        var gauge = DepthGauge()
        let steps: [(depth: Int, change: QueuePressure?)] = [
            (99, nil), (100, .high), (80, nil), (75, nil), (74, .normal), (100, .high), (999, nil),
            (1000, .full), (5000, nil), (800, nil), (750, nil), (749, .high), (900, nil), (1000, .full),
            (10, .normal),
        ]
        for (depth, change) in steps {
            #expect(gauge.note(depth, limits: limits) == change, "at \(depth)")
            #expect(gauge.depth == depth)
            #expect(gauge.pressure.spools == (gauge.pressure == .full))
        }
    }

    @Test("0 switches a limit off; a soft one above the hard one counts as the hard one")
    func edges() {
        #expect(DepthLimits(soft: 0, hard: 0).pressure(at: .max - 1, after: .normal) == .normal)
        #expect(DepthLimits(soft: 0, hard: 5).pressure(at: 5, after: .normal) == .full)
        #expect(DepthLimits(soft: 9, hard: 5).soft == 5)
        #expect(DepthLimits(soft: 5, hard: 0).pressure(at: .max - 1, after: .normal) == .high)
        // With a limit of one job, an empty queue is below it.
        #expect(DepthLimits(soft: 1, hard: 1).pressure(at: 0, after: .full) == .normal)
        var gauge = DepthGauge()
        #expect(gauge.note(-5, limits: limits) == nil)
        #expect(gauge.depth == 0)
    }

    @Test("for any limits and depths, pressure rises with the depth and never flaps below its low water")
    func property() {
        var random = SeededGenerator(test: "Depth limits")
        for _ in 0..<2000 {
            let hard = Int.random(in: 1...5000, using: &random)
            let limits = DepthLimits(soft: Int.random(in: 0...6000, using: &random), hard: hard)
            var gauge = DepthGauge()
            for _ in 0..<30 {
                let before = gauge.pressure
                let depth = Int.random(in: 0...6000, using: &random)
                let change = gauge.note(depth, limits: limits)
                #expect(change == (gauge.pressure == before ? nil : gauge.pressure))
                if depth >= hard { #expect(gauge.pressure == .full) }
                if depth < hard, before != .full { #expect(gauge.pressure != .full) }
                if 4 * depth < 3 * hard { #expect(gauge.pressure != .full) }
                // The same depth again changes nothing.
                #expect(gauge.note(depth, limits: limits) == nil)
            }
        }
    }
}
