import Shared
import Testing

/// What every implementation of ``EventQueue`` must do.
struct EventQueueConformance<Fixture: QueueFixture> {
    let fixture: Fixture

    func keepsOrder() throws {
        let lane = try fixture.lane("a")
        #expect(try take(lane, 10) == [])
        try fixture.push(["1", "2", "3", "4", "5"])
        #expect(try take(lane, 2) == ["1", "2"])
        #expect(try take(lane, 2, acknowledging: 2) == ["3", "4"])
        #expect(try take(lane, 2, acknowledging: 2) == ["5"])
        #expect(try take(lane, 2, acknowledging: 1) == [])
        #expect(try fixture.contents() == QueueContents())
    }

    func takesNothingAtLimitZero() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2"])
        #expect(try take(lane, 0) == [])
        #expect(try take(lane, 1) == ["1"])
        #expect(try take(lane, 0, acknowledging: 1) == [])
        #expect(try fixture.contents() == QueueContents(queue: ["2"]))
    }

    func filesRetriesAndDeadLetters() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2", "3"])
        #expect(try take(lane, 3) == ["1", "2", "3"])
        let outcome = BatchOutcome(
            retries: [
                .init(payload: JobPayload.encode("2", attempt: 1), waitMilliseconds: 0),
                .init(payload: JobPayload.encode("4", attempt: 1), waitMilliseconds: 1 << 40),
            ],
            dead: [.init(payload: JobPayload.encode("3"))],
            jobCount: 3
        )
        #expect(names(try lane.step(acknowledging: outcome, takingUpTo: 3)) == [])
        #expect(try fixture.contents() == QueueContents(dead: ["3"], retries: ["2", "4"]))
        #expect(try fixture.promote() == 1)
        #expect(try fixture.contents() == QueueContents(queue: ["2"], dead: ["3"], retries: ["4"]))
    }

    func repeatsBatchOfUnknownOutcome() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2", "3"])
        #expect(try take(lane, 2) == ["1", "2"])
        #expect(try take(lane, 2) == ["1", "2"])
        #expect(try take(lane, 2, acknowledging: 2) == ["3"])
    }

    /// Loses the reply of any of four steps, once and twice in a row, at a full and at an empty queue.
    func survivesLostReplies() throws {
        for times in 1...2 {
            for lost in 0..<4 {
                let lane = try fixture.lane("\(times)-\(lost)")
                try fixture.push(["1", "2", "3"])
                var taken: [String] = []
                var last = 0
                for step in 0..<4 {
                    let outcome = last == 0 ? nil : BatchOutcome(dead: dead(taken.last), jobCount: last)
                    for _ in 0..<(step == lost ? times : 0) {
                        fixture.loseReply(of: lane)
                        #expect(throws: QueueError.self) {
                            try lane.step(acknowledging: outcome, takingUpTo: 2)
                        }
                    }
                    let jobs = try #require(names(try lane.step(acknowledging: outcome, takingUpTo: 2)))
                    last = jobs.count
                    taken += jobs
                }
                #expect(taken == ["1", "2", "3"], "The reply of step \(lost) was lost \(times) times.")
                let contents = try fixture.contents()
                #expect(contents.queue == [] && contents.inFlight == 0)
                #expect(contents.dead.suffix(2) == ["2", "3"], "Dead letters are filed exactly once.")
                #expect(contents.dead.count == 2 * (4 * (times - 1) + lost + 1))
            }
        }
    }

    func survivesLostRequest() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2"])
        #expect(try take(lane, 1) == ["1"])
        fixture.loseRequest(of: lane)
        #expect(throws: QueueError.self) { try take(lane, 1, acknowledging: 1) }
        #expect(try take(lane, 1, acknowledging: 1) == ["2"])
        #expect(try take(lane, 1, acknowledging: 1) == [])
    }

    func worksAgainAfterIdleness() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1"])
        #expect(try take(lane, 1) == ["1"])
        #expect(try take(lane, 1, acknowledging: 1) == [])
        try fixture.expireLease(of: "a")
        try fixture.push(["2"])
        #expect(try take(lane, 1) == ["2"])
    }

    func fencesAfterLeaseLoss() throws {
        let late = try fixture.lane("late")
        let other = try fixture.lane("other")
        try fixture.push(["1", "2"])
        #expect(try take(late, 2) == ["1", "2"])
        #expect(try late.extendLease())
        try fixture.expireLease(of: "late")
        #expect(try !late.extendLease())
        #expect(try fixture.reap() == (2, 0))
        #expect(try take(other, 2) == ["1"])
        let outcome = BatchOutcome(dead: dead("1"), jobCount: 2)
        #expect(names(try late.step(acknowledging: outcome, takingUpTo: 2)) == nil)
        #expect(try fixture.contents() == QueueContents(suspects: ["2"], inFlight: 1))
        #expect(
            names(try late.step(acknowledging: outcome, takingUpTo: 2)) == nil,
            "Nothing is in hand any more."
        )
        #expect(try take(late, 2) == ["2"], "A fenced lane starts anew.")
        #expect(try take(other, 2, acknowledging: 1) == [])
    }

    /// A lane whose lease ended lives: it gives its batch back itself, and nobody has died.
    func fencesBeforeReaping() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2", "3"])
        for outcome in [BatchOutcome(jobCount: 2), nil] {
            #expect(try take(lane, 2) == ["1", "2"])
            try fixture.expireLease(of: "a")
            #expect(names(try lane.step(acknowledging: outcome, takingUpTo: 1)) == nil)
            #expect(try fixture.contents() == QueueContents(queue: ["1", "2", "3"]))
            #expect(try fixture.reap() == (0, 0))
        }
        #expect(try take(lane, 3) == ["1", "2", "3"])
        #expect(try take(lane, 3, acknowledging: 3) == [])
    }

    /// A lane that stalls and comes back three times and more killed nobody: its jobs are no poison.
    func forgivesLanesThatComeBack() throws {
        try fixture.push(["1", "2", "3"])
        for round in 0..<5 {
            let lane = try fixture.lane("stalled-\(round)")
            #expect(try take(lane, 3) == ["1", "2", "3"], "What was absolved is taken together.")
            try fixture.expireLease(of: "stalled-\(round)")
            #expect(try fixture.reap() == (3, 0))
            if round < 4 {
                #expect(names(try lane.step(acknowledging: BatchOutcome(jobCount: 3), takingUpTo: 3)) == nil)
            } else {
                #expect(try fixture.leave(lane) == 0)
            }
            #expect(try fixture.contents() == QueueContents(suspects: ["1", "2", "3"]))
        }
        let last = try fixture.lane("last")
        #expect(try take(last, 3) == ["1", "2", "3"])
        #expect(try take(last, 3, acknowledging: 3) == [])
        #expect(try fixture.contents() == QueueContents())
    }

    /// Absolving one lane takes back its own count only: real deaths of the same job stand.
    func countsRealDeathsBesideStalls() throws {
        try fixture.push(["poison"])
        let stalled = try fixture.lane("stalled")
        #expect(try take(stalled, 1) == ["poison"])
        try fixture.expireLease(of: "stalled")
        #expect(try fixture.reap() == (1, 0))
        #expect(try take(try fixture.lane("dead-1"), 1) == ["poison"])
        try fixture.expireLease(of: "dead-1")
        #expect(try fixture.reap() == (1, 0))
        #expect(names(try stalled.step(acknowledging: BatchOutcome(jobCount: 1), takingUpTo: 0)) == nil)
        for name in ["dead-2", "dead-3"] {
            #expect(try take(try fixture.lane(name), 1) == ["poison"])
            try fixture.expireLease(of: name)
            #expect(try fixture.reap() == (name == "dead-2" ? (1, 0) : (0, 1)))
        }
        #expect(try fixture.contents() == QueueContents(dead: ["poison"]))
    }

    func reapsOneAtATimeUntilPoison() throws {
        try fixture.push(["1", "poison", "3"])
        #expect(try take(try fixture.lane("a"), 3) == ["1", "poison", "3"])
        #expect(try fixture.reap() == (0, 0), "A lane with a lease is left alone.")
        try fixture.expireLease(of: "a")
        #expect(try fixture.reap() == (3, 0))
        #expect(try fixture.contents() == QueueContents(suspects: ["1", "poison", "3"]))
        try fixture.push(["4"])
        let good = try fixture.lane("b")
        #expect(try take(good, 9) == ["1"], "Suspects come first and alone.")
        #expect(try take(try fixture.lane("c"), 9) == ["poison"])
        try fixture.expireLease(of: "c")
        #expect(try fixture.reap() == (1, 0))
        #expect(try take(good, 9, acknowledging: 1) == ["poison"])
        try fixture.expireLease(of: "b")
        #expect(try fixture.reap() == (0, 1), "The third death makes it a dead letter.")
        let last = try fixture.lane("d")
        #expect(try take(last, 9) == ["3"])
        #expect(try take(last, 9, acknowledging: 1) == ["4"])
        #expect(try take(last, 9, acknowledging: 1) == [])
        #expect(try fixture.contents() == QueueContents(dead: ["poison"]))
    }

    /// A push that was repeated, since its reply was lost, puts two copies into one batch: still one worker
    /// died.
    func countsADeathOncePerJob() throws {
        try fixture.push(["1", "1", "2", "1"])
        let stalled = try fixture.lane("stalled")
        #expect(try take(stalled, 4) == ["1", "1", "2", "1"])
        try fixture.expireLease(of: "stalled")
        #expect(try fixture.reap() == (4, 0))
        #expect(names(try stalled.step(acknowledging: BatchOutcome(jobCount: 4), takingUpTo: 0)) == nil)
        #expect(try take(stalled, 4) == ["1", "1", "2", "1"], "All deaths were taken back.")
        try fixture.expireLease(of: "stalled")
        #expect(try fixture.reap() == (4, 0))
        let crash = try fixture.lane("crash")
        #expect(try take(crash, 4) == ["1"])
        try fixture.expireLease(of: "crash")
        #expect(try fixture.reap() == (1, 0), "Two deaths.")
        let good = try fixture.lane("good")
        #expect(try take(good, 4) == ["1"])
        for name in ["1", "2", "1"] { #expect(try take(good, 4, acknowledging: 1) == [name]) }
        #expect(try take(good, 4, acknowledging: 1) == [])
        #expect(try fixture.contents() == QueueContents())
    }

    func forgetsDeathsOfAJobThatWasDone() throws {
        try fixture.push(["1"])
        for round in 0..<3 {
            let name = "crash-\(round)"
            #expect(try take(try fixture.lane(name), 1) == ["1"])
            try fixture.expireLease(of: name)
            #expect(try fixture.reap() == (1, 0), "Two deaths, then success: never the third.")
            guard round == 1 else { continue }
            let lane = try fixture.lane("good")
            #expect(try take(lane, 1) == ["1"])
            #expect(try take(lane, 1, acknowledging: 1) == [])
            try fixture.push(["1"])
        }
    }

    func pauses() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2"])
        #expect(try take(lane, 1) == ["1"])
        try fixture.pause(true)
        #expect(try take(lane, 1, acknowledging: 1) == [])
        try fixture.pause(false)
        #expect(try take(lane, 1) == ["2"])
    }

    func leavesInOrder() throws {
        let lane = try fixture.lane("a")
        try fixture.push(["1", "2", "3"])
        #expect(try take(lane, 2) == ["1", "2"])
        #expect(try fixture.leave(lane) == 2)
        #expect(try fixture.contents() == QueueContents(queue: ["1", "2", "3"]))
        #expect(try fixture.reap() == (0, 0))
        let gone = try fixture.lane("b")
        #expect(try take(gone, 1) == ["1"])
        try fixture.expireLease(of: "b")
        #expect(try fixture.leave(gone) == 1, "Without its lease the batch is still the lane's to give back.")
        #expect(try fixture.contents() == QueueContents(queue: ["1", "2", "3"]))
    }

    @discardableResult
    private func take(_ lane: Fixture.Lane, _ limit: Int, acknowledging count: Int? = nil) throws -> [String]?
    {
        let outcome = count.map { BatchOutcome(jobCount: $0) }
        return names(try lane.step(acknowledging: outcome, takingUpTo: limit))
    }

    private func names(_ step: QueueStep) -> [String]? {
        guard case .jobs(let jobs) = step else { return nil }
        return jobs.map { JobPayload.name(of: $0.payload) }
    }

    private func dead(_ name: String?) -> [BatchOutcome.Dead] {
        name.map { [.init(payload: JobPayload.encode($0))] } ?? []
    }
}
