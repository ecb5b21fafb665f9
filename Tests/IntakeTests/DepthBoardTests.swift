import Logging
import Shared
import SharedRuntime
import TestSupport
import Testing

@testable import growth_intake

@Suite("Depths of the queues")
struct DepthBoardTests {
    private let log = Monitor<[String]>([])
    private let generic = SourceID(literal: "generic")
    private let payouts = SourceID(literal: "payouts")

    private func board(_ limits: DepthLimits) -> DepthBoard {
        let log = log
        let logger = Logger(label: "depths") { label in
            JSONLogHandler(label: label, level: .info) { line in
                log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        return DepthBoard(limits: limits, logger: logger)
    }

    @Test("says once per change that a queue is above a limit, and which way its webhooks go")
    func transitions() {
        let board = board(DepthLimits(soft: 10, hard: 100))
        for depth in [1, 9, 10, 11, 50, 99] { board.note(depth, of: generic) }
        #expect(!board.spools(generic) && board.pressedSources == [generic])
        for depth in [100, 5000, 90] { board.note(depth, of: generic) }
        board.note(3, of: payouts)
        #expect(board.spools(generic) && !board.spools(payouts))
        for depth in [74, 3, 4] { board.note(depth, of: generic) }
        #expect(!board.spools(generic) && !board.isAnyPressed && board.pressedSources.isEmpty)
        let lines = log.withLock { $0 }
        #expect(lines.count == 4)
        for (line, word) in zip(lines, ["soft limit", "hard limit", "soft limit", "below its limits"]) {
            #expect(line.contains(word) && line.contains("generic"))
        }
    }

    @Test("without limits it only notes the depth")
    func unlimited() {
        let board = board(DepthLimits(soft: 0, hard: 0))
        board.note(1_000_000_000, of: generic)
        #expect(!board.spools(generic) && log.withLock { $0.isEmpty })
        var text = MetricsText()
        board.write(to: &text)
        #expect(text.text.contains("growth_intake_queue_depth{source=\"generic\"} 1000000000\n"))
        #expect(text.text.contains("growth_intake_queue_pressure{source=\"generic\"} 0\n"))
    }
}
