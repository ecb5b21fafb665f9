import Foundation
import Shared
import TestSupport
import Testing

@Suite struct TrendTests {
    @Test("V20: slope, mean, percentage and the robust slope are exact fractions")
    func slopes() throws {
        for vector in try GoldenVector("V20").list("cases") {
            let values = try #require(vector["y"] as? [NSNumber]).map(\.int64Value)
            let slope = Slope(values)
            let figures = try #require(slope.figures)
            #expect(figures.perDay.description == vector["slope"] as? String)
            #expect(figures.mean.description == vector["mean"] as? String)
            #expect(figures.percentOfMean?.description == vector["pct_of_abs_mean"] as? String)
            #expect(figures.theilSenPerDay.description == vector["theil_sen"] as? String)
            #expect(slope.state == (vector["pct_of_abs_mean"] is String ? .ok : .zeroMean))
        }
    }

    @Test("One outlier shows as such; a straight line does not")
    func drivenByOneDay() {
        #expect(
            Slope([10_000, 10_500, 9800, 10_200, 10_100, 50_000, 10_300]).figures?.isDrivenByOneDay == true
        )
        #expect(Slope([100, 100, 100, 100, 100, 100, 800]).figures?.isDrivenByOneDay == true)
        #expect(Slope([1, 2, 3, 4, 5, 6, 7]).figures?.isDrivenByOneDay == false)
        #expect(Slope([5, 5, 5, 5, 5, 5, 5]).figures?.isDrivenByOneDay == false)
    }

    @Test("Fewer than seven days have no trend; of more, the last seven count")
    func history() {
        #expect(Slope([1, 2, 3, 4, 5, 6]).state == .insufficientHistory)
        #expect(Slope([]).figures == nil)
        #expect(Slope([99, 1, 2, 3, 4, 5, 6, 7]) == Slope([1, 2, 3, 4, 5, 6, 7]))
    }

    @Test("Adding a line to the days adds its slope to both estimates; extremes do not trap")
    func equivariance() {
        var random = SeededGenerator(test: "Slope")
        for _ in 0..<10_000 {
            let values = (0..<7).map { _ in Int64.random(in: -1_000_000...1_000_000, using: &random) }
            let step = Int64.random(in: -1000...1000, using: &random)
            let tilted = values.enumerated().map { $0.element + Int64($0.offset) * step }
            guard let plain = Slope(values).figures, let moved = Slope(tilted).figures else {
                Issue.record("seven days have a slope, seed \(random.seed)")
                return
            }
            #expect(difference(moved.perDay, plain.perDay) == Fraction(Int128(step)))
            #expect(difference(moved.theilSenPerDay, plain.theilSenPerDay) == Fraction(Int128(step)))
        }
        #expect(Slope([.min, .max, .min, .max, .min, .max, .min]).state == .ok)
        #expect(
            Slope([.min, .min, .min, 0, .max, .max, .max]).figures?.percentOfMean?.rounded(decimals: 6) != nil
        )
    }

    private func difference(_ lhs: Fraction, _ rhs: Fraction) -> Fraction {
        Fraction(
            lhs.numerator * rhs.denominator - rhs.numerator * lhs.denominator,
            over: lhs.denominator * rhs.denominator
        )
    }

    @Test("V19: the change in percent is exact, and absent without a base")
    func changes() throws {
        for vector in try GoldenVector("V19").list("cases") {
            let change = try Change(from: try minor(vector["prev"]), to: try minor(vector["cur"]))
            #expect(change.percent?.description == vector["change_pct"] as? String)
            #expect(change.state == (vector["change_pct"] is String ? .ok : .noBase))
        }
        #expect(throws: MoneyOverflow.self) { try Change(from: .min, to: 1) }
    }

    @Test("A missing day is 0 once there is history and nothing before")
    func series() {
        let range = day("2026-11-08")...day("2026-11-12")
        let days = [
            DayFigures(date: day("2026-11-10"), cleared: 3, pending: 4),
            DayFigures(date: day("2026-11-12"), pending: -2),
        ]
        let values = NetRevenueSeries.values(of: days, in: range, firstDay: day("2026-11-09"))
        #expect(values == [nil, 0, 7, 0, -2])
        #expect(NetRevenueSeries.values(of: [], in: range, firstDay: nil) == [nil, nil, nil, nil, nil])
    }

    @Test("The moving average needs seven days and rounds half to even")
    func movingAverage() {
        let values: [Int64?] = [nil, 7, 7, 7, 7, 7, 7, 14, 0, nil, 1, 1]
        let expected: [Int64?] = [nil, nil, nil, nil, nil, nil, nil, 8, 7, nil, nil, nil]
        #expect(NetRevenueSeries.movingAverage7(values) == expected)
        let extreme = [Int64?](repeating: .max, count: 8)
        #expect(NetRevenueSeries.movingAverage7(extreme).last == .max)
    }

    @Test("Fractions are shown rounded half to even")
    func rounding() {
        #expect(Fraction(2_400_000 * 100, over: 2_900_000).rounded(decimals: 4) == 82.7586)
        #expect(Fraction(-5, over: 2).rounded == -2)
        #expect(Fraction(7, over: -2).rounded == -4)
        #expect(Fraction(0, over: -3).description == "0")
    }
}

@Suite struct PayoutReconciliationTests {
    private func line(
        _ type: PayoutLine.LineType,
        _ net: Int64,
        _ match: PayoutReconciliation.Match = .matched
    ) -> PayoutReconciliation.Line {
        PayoutReconciliation.Line(type: type, netMinor: net, match: match)
    }

    @Test("V21: three orders, fees netted, one refund inside")
    func golden() throws {
        let vector = try GoldenVector("V21")
        let lines = try vector.rows("lines").map { row in
            line(
                try #require(PayoutLine.LineType(rawValue: try text(row[1]))),
                try minor(row[2]) - (try minor(row[3]))
            )
        }
        for expected in try vector.list("cases") {
            let result = try PayoutReconciliation.assess(
                netMinor: try minor(expected["reported"]),
                status: .paid,
                lines: lines,
                hasAllLines: true
            )
            #expect(result.state.rawValue == expected["recon"] as? String)
            #expect(result.differenceMinor == (try minor(expected["difference"])))
            #expect(result.matchedMinor == (try minor(vector["payout_net"])))
            #expect(result.clearsMatchedLines)
        }
    }

    @Test("Nothing is guessed: no lines, no order, several orders, missing lines")
    func states() throws {
        func state(_ net: Int64?, _ lines: [PayoutReconciliation.Line], all: Bool = true) throws -> String {
            try PayoutReconciliation.assess(
                netMinor: net,
                status: .scheduled,
                lines: lines,
                hasAllLines: all
            ).state.rawValue
        }
        #expect(try state(100, []) == "UNMATCHED")
        #expect(try state(100, [line(.charge, 100, .unmatched)]) == "UNMATCHED")
        #expect(try state(100, [line(.charge, 60), line(.charge, 40, .ambiguous)]) == "PARTIAL")
        #expect(try state(100, [line(.charge, 60)], all: false) == "PARTIAL")
        #expect(try state(nil, [line(.charge, 60)], all: false) == "PARTIAL")
        #expect(try state(100, [line(.charge, 100)], all: false) == "MATCHED")
        #expect(try state(90, [line(.charge, 100), line(.fee, -10, .unmatched)]) == "MATCHED")
        #expect(try state(100, [line(.charge, 60)]) == "DISCREPANCY")
    }

    @Test("A payout that is not paid clears nothing; a sum that does not fit is an error")
    func clearing() throws {
        let lines = [line(.charge, 100)]
        for status in PayoutFact.Status.allCases {
            let result = try PayoutReconciliation.assess(
                netMinor: 100,
                status: status,
                lines: lines,
                hasAllLines: true
            )
            #expect(result.clearsMatchedLines == (status == .paid))
        }
        #expect(throws: MoneyOverflow.self) {
            try PayoutReconciliation.assess(
                netMinor: 0,
                status: .paid,
                lines: [line(.charge, .max), line(.charge, 1)],
                hasAllLines: true
            )
        }
    }
}
