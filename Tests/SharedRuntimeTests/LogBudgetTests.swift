import Shared
import SharedRuntime
import Testing

@Suite("Log budget")
struct LogBudgetTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("lets a burst through, then one per interval, and says how many were left out")
    func burst() {
        var budget = LogBudget(burst: 3, interval: 1000)
        #expect((0..<5).map { _ in budget.take(at: at(0)) } == [0, 0, 0, nil, nil])
        #expect(budget.take(at: at(999)) == nil)
        #expect(budget.take(at: at(1000)) == 3)
        #expect(budget.take(at: at(1000)) == nil)
        #expect(budget.take(at: at(2999)) == 1)
        #expect(budget.suppressed == 4)
    }

    @Test("a flood over a day costs a bounded number of records")
    func flood() {
        var budget = LogBudget(burst: 10, interval: 60_000)
        let taken = (0..<864_000).count { budget.take(at: at(Int64($0) * 100)) != nil }
        #expect((1440...1450).contains(taken))
    }

    @Test("a clock that is set back or jumps neither opens nor closes it for good")
    func clock() {
        var budget = LogBudget(burst: 1, interval: 1000)
        #expect(budget.take(at: at(.max)) == 0)
        #expect(budget.take(at: at(.min)) == nil)
        #expect(budget.take(at: at(5000)) == nil)
        #expect(budget.take(at: at(6000)) == 2)
    }
}
