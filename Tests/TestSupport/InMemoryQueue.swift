public import Shared

/// One source's queue in memory, with the meaning of the one in Redis: lanes, leases, suspects, poison,
/// retries.
///
/// It may be shared between threads; its lanes may not.
public final class InMemoryQueue: Sendable {
    /// What lies where.
    public struct State: Sendable {
        struct Lane: Sendable {
            var inFlight: [[UInt8]] = []
            var lease: Lease?
        }

        struct Lease: Sendable {
            var batch: Int64
            var endsAt: Timestamp
        }

        /// Jobs that wait, oldest first.
        public var queue: [[UInt8]] = []
        /// Jobs whose worker died; taken first, one at a time.
        public var suspects: [[UInt8]] = []
        /// Jobs to try again, and when they are due.
        public var retries: [(payload: [UInt8], dueAt: Timestamp)] = []
        /// Dead letters.
        public var dead: [[UInt8]] = []
        /// Whether lanes may take no jobs.
        public var isPaused = false
        var crashes: [[UInt8]: Int] = [:]
        /// What was taken back from lanes as from dead ones, until they come back.
        var reaped: [String: [[UInt8]]] = [:]
        var lanes: [String: Lane] = [:]

        /// Jobs in hand over all lanes.
        public var inFlight: Int { lanes.values.reduce(0) { $0 + $1.inFlight.count } }
    }

    /// How often a worker may die with a job before the job is dead.
    public static let deathLimit = 3
    /// The source.
    public let source: SourceID
    let leaseMilliseconds: Int64
    let clock: any WallClock
    private let state = Monitor(State())

    /// Creates an empty queue.
    public init(source: SourceID, leaseMilliseconds: Int64 = 15_000, clock: any WallClock) {
        self.source = source
        self.leaseMilliseconds = leaseMilliseconds
        self.clock = clock
    }

    /// Reads or changes what lies where.
    public func withState<T>(_ body: (inout State) -> T) -> T {
        state.withLock(body)
    }

    /// Adds jobs at the tail.
    public func push(_ payloads: [[UInt8]]) {
        withState { $0.queue.append(contentsOf: payloads) }
    }

    /// Creates a lane; its name must not be in use.
    public func lane(_ name: String) -> InMemoryEventQueue {
        InMemoryEventQueue(queue: self, name: name)
    }

    /// Ends a lane's lease at once, as if its time had passed.
    public func expireLease(of name: String) {
        withState { $0.lanes[name]?.lease = nil }
    }

    /// Takes back what lanes without a lease hold.
    ///
    /// Returns how many jobs were given back and how many are dead now. A dead letter is the job itself.
    @discardableResult
    public func reap() -> (jobs: Int, poisoned: Int) {
        let now = clock.now
        return withState { state in
            var result = (jobs: 0, poisoned: 0)
            for name in state.lanes.keys.sorted() {
                guard let lane = state.lanes[name], !lane.isAlive(at: now) else { continue }
                var counts: [[UInt8]: Int] = [:]
                for job in lane.inFlight.reversed() {
                    let isFirst = counts[job] == nil
                    let count = counts[job] ?? state.crashes[job, default: 0] + 1
                    counts[job] = count
                    if count >= Self.deathLimit {
                        state.crashes[job] = nil
                        state.dead.append(job)
                        result.poisoned += 1
                    } else {
                        state.crashes[job] = count
                        state.suspects.insert(job, at: 0)
                        if isFirst { state.reaped[name, default: []].append(job) }
                        result.jobs += 1
                    }
                }
                state.lanes[name] = nil
            }
            return result
        }
    }

    /// Moves retries that are due to the tail and returns how many.
    @discardableResult
    public func promote() -> Int {
        let now = clock.now
        return withState { state in
            let due = state.retries.filter { $0.dueAt <= now }.sorted { $0.dueAt < $1.dueAt }
            state.retries.removeAll { $0.dueAt <= now }
            state.queue.append(contentsOf: due.map(\.payload))
            return due.count
        }
    }
}

extension InMemoryQueue.State.Lane {
    func isAlive(at now: Timestamp) -> Bool {
        lease.map { $0.endsAt > now } ?? false
    }
}

extension InMemoryQueue.State {
    /// A lane that speaks is alive: what was counted as a death of its jobs was none.
    mutating func absolve(_ lane: String) {
        for job in reaped.removeValue(forKey: lane) ?? [] {
            let deaths = crashes[job, default: 0] - 1
            crashes[job] = deaths > 0 ? deaths : nil
        }
    }

    /// Puts a lane's batch back where it came from, ends the lane, and returns how many jobs that were.
    @discardableResult
    mutating func giveBack(_ lane: String) -> Int {
        let jobs = lanes.removeValue(forKey: lane)?.inFlight ?? []
        if let job = jobs.first, jobs.count == 1, crashes[job] != nil {
            suspects.insert(job, at: 0)
        } else {
            queue.insert(contentsOf: jobs, at: 0)
        }
        return jobs.count
    }

    /// Takes suspects: one with which a worker died alone, absolved ones together.
    mutating func takeSuspects(_ limit: Int) -> [[UInt8]] {
        let absolved = suspects.prefix(limit).prefix { crashes[$0] == nil }
        let taken = absolved.isEmpty ? suspects.prefix(1) : absolved
        suspects.removeFirst(taken.count)
        return Array(taken)
    }
}
