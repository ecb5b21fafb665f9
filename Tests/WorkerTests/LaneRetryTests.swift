import Shared
import TestSupport
import Testing

@testable import growth_worker

@Suite("Lane: jobs that may be fine later")
struct LaneRetryTests {
    private func retries(_ fixture: LaneFixture) throws -> [(envelope: Envelope, dueAt: Timestamp)] {
        try fixture.queue.withState { $0.retries }.map { retry throws(Rejection) in
            (try Envelope(decoding: retry.payload), retry.dueAt)
        }
    }

    @Test("a source that another release may know, and a rule that other rows may meet, are tried again")
    func putOff() throws {
        let fixture = LaneFixture()
        fixture.store.change { $0.badIDs = [Jobs.id(1)] }
        fixture.queue.push(try Jobs.make(0..<2, attempt: 3) + [try Jobs.ofUnknownSource(7, attempt: 0)])
        try fixture.run()
        #expect(fixture.store.now.stored.contains(Jobs.id(0)))
        let found = try retries(fixture)
        #expect(found.map(\.envelope.id) == [Jobs.id(1), Jobs.id(7)])
        #expect(found.map(\.envelope.attempt) == [4, 1])
        let waits = found.map { ($0.dueAt.milliseconds - EnvelopeFixture.receivedAt.milliseconds) / 1000 }
        // 3⁴ + 15 and up to 40 seconds more; 15 and up to 10 more. The lane itself took less than one.
        #expect((95...137).contains(waits[0]) && (14...26).contains(waits[1]), "\(waits)")
        #expect(try fixture.deadLetters().isEmpty)
        #expect(fixture.commits.withLock { $0.map(\.dead) } == [0])
        let log = fixture.log.withLock { $0 }
        #expect(log.count { $0.contains("A job is tried again later.") } == 2)
        #expect(!log.contains { $0.contains("dead letter") })
    }

    @Test("what comes back is what was put off; only its attempt differs, and it says why")
    func sameEnvelope() throws {
        let fixture = LaneFixture()
        let job = try Jobs.ofUnknownSource(7, attempt: 4)
        fixture.queue.push([job])
        try fixture.run()
        let payload = try #require(fixture.queue.withState { $0.retries.first?.payload })
        let before = String(decoding: job, as: UTF8.self)
        #expect(
            String(decoding: payload, as: UTF8.self)
                == before.replacing(
                    #""attempt":4"#,
                    with: #""attempt":5,"error":"\#(DeadReason.unknownSource("nobody"))""#
                )
        )
    }

    @Test("is dead after its last try, with the reason and the attempt")
    func lastTry() throws {
        let fixture = LaneFixture()
        fixture.queue.push([try Jobs.ofUnknownSource(7)])
        try fixture.run()
        #expect(try retries(fixture).isEmpty)
        let letter = try #require(try fixture.deadLetters().first)
        #expect(letter.reason.code == "unknown-source")
        #expect(try Envelope(decoding: letter.job).attempt == RetrySchedule.tries - 1)
    }

    @Test("goes through all its tries when it never passes: twelve, then one dead letter")
    func allTries() throws {
        let fixture = LaneFixture()
        fixture.queue.push([try Jobs.ofUnknownSource(7, attempt: 0)])
        let start = fixture.clock.now
        let pause = ScriptedPause(clock: fixture.clock, limit: 2000) { pause, _ in
            if let due = fixture.queue.withState({ $0.retries.first?.dueAt }) {
                fixture.clock.advance(
                    byMilliseconds: max(0, due.milliseconds - fixture.clock.now.milliseconds)
                )
                fixture.queue.promote()
            } else if fixture.isDone {
                pause.stop()
            }
        }
        try fixture.run(pause: pause)
        #expect(try fixture.deadLetters().count == 1)
        #expect(fixture.commits.withLock { $0.count } == RetrySchedule.tries)
        let hours = Double(fixture.clock.now.milliseconds - start.milliseconds) / 3_600_000
        #expect((4.2...4.6).contains(hours), "\(hours)")
    }
}
