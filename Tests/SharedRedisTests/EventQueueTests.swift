import Shared
import Testing

/// The implementations of the port that are held to the same suite.
enum QueueKind: CaseIterable {
    case memory
    case redis

    func check(
        _ memory: (EventQueueConformance<InMemoryFixture>) throws -> Void,
        _ redis: (EventQueueConformance<RedisFixture>) throws -> Void
    ) throws {
        switch self {
        case .memory: try memory(EventQueueConformance(fixture: InMemoryFixture()))
        case .redis: try redis(EventQueueConformance(fixture: try RedisFixture()))
        }
    }
}

@Suite struct EventQueueTests {
    @Test("jobs come in the order in which they were pushed", arguments: QueueKind.allCases)
    func order(_ kind: QueueKind) throws {
        try kind.check({ try $0.keepsOrder() }, { try $0.keepsOrder() })
    }

    @Test("a limit of 0 acknowledges and takes nothing", arguments: QueueKind.allCases)
    func limitZero(_ kind: QueueKind) throws {
        try kind.check({ try $0.takesNothingAtLimitZero() }, { try $0.takesNothingAtLimitZero() })
    }

    @Test("retries and dead letters are filed with the acknowledgement", arguments: QueueKind.allCases)
    func failures(_ kind: QueueKind) throws {
        try kind.check({ try $0.filesRetriesAndDeadLetters() }, { try $0.filesRetriesAndDeadLetters() })
    }

    @Test("without an outcome the batch in hand comes again", arguments: QueueKind.allCases)
    func unknownOutcome(_ kind: QueueKind) throws {
        try kind.check({ try $0.repeatsBatchOfUnknownOutcome() }, { try $0.repeatsBatchOfUnknownOutcome() })
    }

    @Test("a repeated step after lost replies neither loses nor doubles", arguments: QueueKind.allCases)
    func lostReplies(_ kind: QueueKind) throws {
        try kind.check({ try $0.survivesLostReplies() }, { try $0.survivesLostReplies() })
    }

    @Test("a step that never arrived is simply repeated", arguments: QueueKind.allCases)
    func lostRequest(_ kind: QueueKind) throws {
        try kind.check({ try $0.survivesLostRequest() }, { try $0.survivesLostRequest() })
    }

    @Test("an idle lane whose lease ran out takes work again", arguments: QueueKind.allCases)
    func idleness(_ kind: QueueKind) throws {
        try kind.check({ try $0.worksAgainAfterIdleness() }, { try $0.worksAgainAfterIdleness() })
    }

    @Test("a lane that lost its lease is fenced and writes nothing", arguments: QueueKind.allCases)
    func fencing(_ kind: QueueKind) throws {
        try kind.check({ try $0.fencesAfterLeaseLoss() }, { try $0.fencesAfterLeaseLoss() })
    }

    @Test("a lane that stalled and came back made no deaths", arguments: QueueKind.allCases)
    func absolution(_ kind: QueueKind) throws {
        try kind.check({ try $0.forgivesLanesThatComeBack() }, { try $0.forgivesLanesThatComeBack() })
    }

    @Test("real deaths stand when a stalled lane comes back", arguments: QueueKind.allCases)
    func realDeaths(_ kind: QueueKind) throws {
        try kind.check({ try $0.countsRealDeathsBesideStalls() }, { try $0.countsRealDeathsBesideStalls() })
    }

    @Test("a lane is fenced between the end of its lease and the reaper", arguments: QueueKind.allCases)
    func fencingBeforeReaping(_ kind: QueueKind) throws {
        try kind.check({ try $0.fencesBeforeReaping() }, { try $0.fencesBeforeReaping() })
    }

    @Test(
        "jobs of a dead worker are tried one at a time; three deaths are poison",
        arguments: QueueKind.allCases
    )
    func poison(_ kind: QueueKind) throws {
        try kind.check({ try $0.reapsOneAtATimeUntilPoison() }, { try $0.reapsOneAtATimeUntilPoison() })
    }

    @Test("a death counts once for a job of which a batch holds copies", arguments: QueueKind.allCases)
    func copies(_ kind: QueueKind) throws {
        try kind.check({ try $0.countsADeathOncePerJob() }, { try $0.countsADeathOncePerJob() })
    }

    @Test("deaths are forgotten once the job was done", arguments: QueueKind.allCases)
    func forgiveness(_ kind: QueueKind) throws {
        try kind.check(
            { try $0.forgetsDeathsOfAJobThatWasDone() },
            { try $0.forgetsDeathsOfAJobThatWasDone() }
        )
    }

    @Test("a paused queue gives nothing but takes acknowledgements", arguments: QueueKind.allCases)
    func pausing(_ kind: QueueKind) throws {
        try kind.check({ try $0.pauses() }, { try $0.pauses() })
    }

    @Test("a lane that leaves gives its batch back in order", arguments: QueueKind.allCases)
    func leaving(_ kind: QueueKind) throws {
        try kind.check({ try $0.leavesInOrder() }, { try $0.leavesInOrder() })
    }
}
