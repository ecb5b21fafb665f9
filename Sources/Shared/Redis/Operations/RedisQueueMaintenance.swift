public import Shared

/// What any worker does for all of them: takes back what dead lanes hold, and moves retries that are due.
public final class RedisQueueMaintenance {
    /// What a look for dead lanes found.
    public struct Reaped: Hashable, Sendable {
        /// Jobs that were given back, to be tried one at a time.
        public var jobs = 0
        /// Jobs that took too many workers with them and are dead letters now.
        public var poisoned = 0
        /// The ids of those that became dead letters.
        public var poisonedIDs: [String] = []
        /// The dead lanes that had them in hand.
        public var lanes: [String] = []
        /// Why the batch of a lane could not be taken back; it keeps no other's.
        public var refusal: QueueError?

        /// Creates an empty result.
        public init() {}
    }

    /// How often a worker may die with a job before the job is dead.
    public static let deathLimit = 3
    /// For how long deaths are remembered: 72 hours, in seconds.
    static let deathMemory = 259_200
    /// For how long a lane that was taken for dead may come back and say that it lives: an hour, in seconds.
    static let comebackMemory = 3600
    private let runner: RedisScriptRunner
    private let clock: any WallClock

    /// Creates the caretaker.
    ///
    /// - Parameters:
    ///   - client: Its connection.
    ///   - clock: Tells the time that dead letters bear; leases and due times go by Redis' own clock.
    public init(client: any RedisCommanding, clock: any WallClock) {
        runner = RedisScriptRunner(client: client)
        self.clock = clock
    }

    /// Whether any of the sources has lanes or retries, so that a look at each is worth its round trips.
    ///
    /// - Parameter sources: The sources.
    /// - Returns: Whether there may be something to do.
    /// - Throws: ``QueueError``.
    public func hasWork(_ sources: [SourceID]) throws(QueueError) -> Bool {
        let keys = sources.map { RedisKeys(source: $0) }.flatMap { [$0.lanes, $0.retry] }
        guard !keys.isEmpty else { return false }
        return try runner.client.send(RedisCommand(["EXISTS"] + keys)).integer ?? 0 > 0
    }

    /// Takes back what the dead lanes of a source hold.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - turn: How long no other worker looks, in milliseconds; 0 looks in any case.
    ///   - mayReap: Asked before each lane; whether what has no lease is to be taken for dead.
    /// - Returns: What was found; nil when it was another worker's turn.
    /// - Throws: ``QueueError``.
    public func reap(
        _ source: SourceID,
        turn: Int = 1000,
        while mayReap: () -> Bool = { true }
    ) throws(QueueError) -> Reaped? {
        let keys = RedisKeys(source: source)
        let reply = try runner.run(
            .reapTurn,
            keys: [keys.reaper, keys.lanes],
            arguments: [[UInt8](argument: max(0, turn))]
        )
        guard let lanes = reply.elements?.compactMap(\.text) else { return nil }
        var reaped = Reaped()
        for lane in try dead(lanes, keys: keys) where mayReap() {
            do throws(QueueError) {
                try reap(lane, keys: keys, &reaped)
            } catch {
                guard error.code == .unexpectedReply else { throw error }
                reaped.refusal = reaped.refusal ?? error
            }
        }
        return reaped
    }

    private func reap(_ lane: String, keys: RedisKeys, _ reaped: inout Reaped) throws(QueueError) {
        let result = try runner.run(
            .reap,
            keys: [
                keys.inflight(lane: lane), keys.lease(lane: lane), keys.lanes, keys.suspect, keys.crashes,
                keys.dead, keys.stats, keys.reaped(lane: lane),
            ],
            arguments: [
                [UInt8](argument: lane), [UInt8](argument: Self.deathLimit),
                [UInt8](argument: clock.now.description), [UInt8](argument: Self.deathMemory),
                [UInt8](argument: Self.comebackMemory),
            ]
        )
        guard let counts = result.elements, counts.count == 3 else { return }
        let (moved, dead) = (Int(counts[0].integer ?? 0), Int(counts[1].integer ?? 0))
        reaped.jobs += moved
        reaped.poisoned += dead
        reaped.poisonedIDs += (counts[2].elements ?? []).compactMap(\.text)
        if moved + dead > 0 { reaped.lanes.append(lane) }
    }

    /// Moves retries to the tail of their queue.
    ///
    /// - Parameters:
    ///   - source: The source.
    ///   - limit: The most jobs to move.
    ///   - isForced: Whether those that are not due yet are moved too.
    /// - Returns: How many were moved.
    /// - Throws: ``QueueError``.
    public func promote(
        _ source: SourceID,
        limit: Int = 500,
        isForced: Bool = false
    ) throws(QueueError) -> Int {
        let keys = RedisKeys(source: source)
        let reply = try runner.run(
            .promote,
            keys: [keys.retry, keys.queue, keys.stats],
            arguments: [[UInt8](argument: max(0, limit)), [UInt8](argument: isForced ? "all" : "due")]
        )
        return Int(reply.integer ?? 0)
    }

    /// Finds in-flight lists whose lane is on no list, and puts the lanes back on it.
    ///
    /// A belt beside the braces: the script that fills an in-flight list registers its lane. Walks the whole
    /// keyspace, so once an hour is plenty.
    ///
    /// - Parameter source: The source.
    /// - Returns: How many lanes were put back.
    /// - Throws: ``QueueError``.
    public func registerStrays(_ source: SourceID) throws(QueueError) -> Int {
        let keys = RedisKeys(source: source)
        let prefix = keys.inflight(lane: "")
        var cursor = "0"
        var added = 0
        repeat {
            let command = RedisCommand("SCAN", cursor, "MATCH", prefix + "*", "COUNT", "1000")
            let reply = try runner.client.send(command)
            guard let parts = reply.elements, parts.count == 2, let next = parts[0].text else {
                throw QueueError(
                    code: .unexpectedReply,
                    message: "SCAN answered in a form that is not known."
                )
            }
            cursor = next
            let lanes = (parts[1].elements ?? []).compactMap { $0.text?.dropFirst(prefix.count) }
            guard !lanes.isEmpty else { continue }
            let new = try runner.run(
                .registerLanes,
                keys: [keys.lanes],
                arguments: lanes.map { [UInt8](argument: String($0)) }
            )
            added += Int(new.integer ?? 0)
        } while cursor != "0"
        return added
    }

    /// The lanes that may have no lease, at which the script looks again; one that it can't have written is
    /// none.
    private func dead(_ lanes: [String], keys: RedisKeys) throws(QueueError) -> [String] {
        let replies = try runner.client.send(
            lanes.map { keys.lease(lane: $0) }
                .flatMap { [RedisCommand("PTTL", $0), RedisCommand("GET", $0)] }
        )
        var dead: [String] = []
        for (index, lane) in lanes.enumerated() {
            if case .error(let error) = replies[2 * index] { throw error.queueError }
            let lease = LaneLease.Written(
                value: replies[2 * index + 1].text,
                milliseconds: replies[2 * index].integer
            )
            if lease == nil { dead.append(lane) }
        }
        return dead
    }
}
