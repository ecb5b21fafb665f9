import Logging
import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("What a lane logs of single jobs")
struct JobLogTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// The jobs with a trace, each of its own.
    private func traced(_ jobs: [[UInt8]]) -> [[UInt8]] {
        jobs.map { job in
            let text = String(decoding: job, as: UTF8.self)
            let member = #""traceparent":"00-\#(Self.trace)-00f067aa0ba902b7-01","body":"#
            return Array(text.replacing(#""body":"#, with: member).utf8)
        }
    }

    private func records(_ fixture: LaneFixture, _ message: String) throws -> [JSONValue] {
        try fixture.log.withLock { $0 }.map { try JSONDocument(Array($0.utf8)).root }
            .filter { $0["message"].string == message }
    }

    @Test("a dead letter is logged with the job's id, reason and trace, and the letter keeps the trace")
    func dead() throws {
        let fixture = LaneFixture()
        fixture.queue.push(traced([try Jobs.ofUnknownSource(7)]) + [Array("no envelope".utf8)])
        try fixture.run()
        let records = try records(fixture, "A job became a dead letter.")
        #expect(records.map { $0["level"].string } == ["warning", "warning"])
        #expect(records.map { $0["reason"].string } == ["unknown-source", "unreadable-envelope"])
        #expect(records.first?["id"].string == Jobs.id(7))
        #expect(records.first?["trace_id"].string == Self.trace)
        #expect(records.last?["id"].exists == false)
        let job = try #require(try fixture.deadLetters().first?.job)
        #expect(try Envelope(decoding: job).traceParent?.traceID == Self.trace)
        #expect(!fixture.log.withLock { $0 }.joined().contains("order.paid"))
    }

    @Test("a flood of dead letters does not flood the log")
    func flood() throws {
        let fixture = LaneFixture(batchSize: 256)
        fixture.queue.push((0..<1000).map { Array("no envelope \($0)".utf8) })
        try fixture.run()
        #expect(try fixture.deadLetters().count == 1000)
        #expect((100..<200).contains(try records(fixture, "A job became a dead letter.").count))
    }

    @Test("at debug level every stored job is logged with its trace, at info none is")
    func stored() throws {
        for (level, count) in [(Logger.Level.debug, 3), (.info, 0)] {
            let fixture = LaneFixture(level: level)
            fixture.queue.push(traced(try Jobs.make(0..<3)))
            try fixture.run()
            let records = try records(fixture, "A job is stored.")
            #expect(records.count == count)
            #expect(records.allSatisfy { $0["trace_id"].string == Self.trace })
            #expect(records.map { $0["id"].string } == (0..<count).map(Jobs.id))
        }
    }
}
