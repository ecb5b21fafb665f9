import TestSupport

/// One thing that goes wrong.
public enum Fault: String, Hashable, Sendable, CaseIterable {
    /// SIGKILL to a worker; it is started again.
    case killWorker = "kill-worker"
    /// SIGSTOP to a worker for less than its lease.
    case stopWorkerShortly = "stop-worker-shortly"
    /// SIGSTOP to a worker for longer than its lease.
    case stopWorkerLong = "stop-worker-long"
    /// SIGKILL to the intake; it is started again.
    case killIntake = "kill-intake"
    /// SIGSTOP to the intake for less than its deadline for Redis.
    case stopIntakeShortly = "stop-intake-shortly"
    /// SIGSTOP to the intake for longer than that.
    case stopIntakeLong = "stop-intake-long"
    /// SIGKILL to Redis; it is started again on its append-only file.
    case killRedis = "kill-redis"
    /// SIGSTOP to Redis for less than the intake's deadline.
    case stopRedisShortly = "stop-redis-shortly"
    /// SIGSTOP to Redis for longer than deadline and leases.
    case stopRedisLong = "stop-redis-long"
    /// Redis at `maxmemory` for a while.
    case fullRedis = "full-redis"
    /// Somebody else holds the database's write lock for a while.
    case lockDatabase = "lock-database"
    /// A job takes three workers with it.
    case poison

    /// How many kills and stops it is.
    public var strikes: Int {
        switch self {
        case .fullRedis, .lockDatabase: 0
        case .poison: 3
        default: 1
        }
    }

    /// How often it comes among a hundred; poison comes by itself.
    private static let weights: [(Fault, Int)] = [
        (.killWorker, 40), (.stopWorkerShortly, 8), (.stopWorkerLong, 10), (.killIntake, 13),
        (.stopIntakeShortly, 5), (.stopIntakeLong, 3), (.killRedis, 8), (.stopRedisShortly, 3),
        (.stopRedisLong, 4), (.fullRedis, 4), (.lockDatabase, 2),
    ]

    /// Returns faults with at least so many kills and stops, poison jobs spread evenly among them.
    static func plan(
        strikes: Int,
        poisonJobs: Int,
        among kinds: Set<Fault>,
        random: inout SeededGenerator
    ) -> [Fault] {
        let weights = Self.weights.filter { kinds.contains($0.0) }
        var faults: [Fault] = []
        var count = 0
        for round in 1...poisonJobs + 1 {
            let goal = strikes * round / (poisonJobs + 1) - (round <= poisonJobs ? Fault.poison.strikes : 0)
            while count < goal {
                faults.append(pick(weights, &random))
                count += faults.last?.strikes ?? 0
            }
            guard round <= poisonJobs else { continue }
            faults.append(.poison)
            count += Fault.poison.strikes
        }
        return faults
    }

    private static func pick(_ weights: [(Fault, Int)], _ random: inout SeededGenerator) -> Fault {
        var ticket = Int.random(in: 0..<weights.reduce(0) { $0 + $1.1 }, using: &random)
        for (fault, weight) in weights {
            if ticket < weight { return fault }
            ticket -= weight
        }
        return .killWorker
    }
}
