import Shared
import SharedRedis
import TestSupport

/// A connection that loses calls when told to.
final class LossyClient: RedisCommanding {
    enum Fault {
        case lostRequest
        case lostReply
    }

    var nextFault: Fault?
    private let client: RedisClient

    init(_ client: RedisClient) {
        self.client = client
    }

    func send(_ commands: [RedisCommand]) throws(QueueError) -> [RedisReply] {
        // Loading a script is not the call that is to be lost.
        guard let fault = nextFault, commands.first?.arguments.first != Array("SCRIPT".utf8) else {
            return try client.send(commands)
        }
        nextFault = nil
        if fault == .lostReply { _ = try client.send(commands) }
        throw QueueError(code: .timedOut, message: "The test lost a call of the queue.")
    }
}

/// A lane together with its lossy connection.
final class RedisLane: EventQueue {
    let queue: RedisEventQueue
    let client: LossyClient

    init(queue: RedisEventQueue, client: LossyClient) {
        self.queue = queue
        self.client = client
    }

    @discardableResult
    func leave() throws(QueueError) -> Int? { try queue.leave() }

    var source: SourceID { queue.source }

    func step(acknowledging outcome: BatchOutcome?, takingUpTo limit: Int) throws(QueueError) -> QueueStep {
        try queue.step(acknowledging: outcome, takingUpTo: limit)
    }

    func extendLease() throws(QueueError) -> Bool {
        try queue.extendLease()
    }
}

struct FixedClock: WallClock {
    var now: Timestamp { Timestamp(milliseconds: 1_795_428_000_000) }
}

struct RedisFixture: QueueFixture {
    let server: RedisServer
    let client: RedisClient
    let source = SourceID(literal: "shopify")
    let leaseMilliseconds: Int

    init(_ options: RedisServer.Options = .init(), leaseMilliseconds: Int = 60_000) throws {
        server = try RedisServer(options)
        self.leaseMilliseconds = leaseMilliseconds
        client = try Self.connect(server)
    }

    static func connect(_ server: RedisServer) throws -> RedisClient {
        RedisClient(try RedisURL(server.unixURL), .init(clientName: "test"))
    }

    var keys: RedisKeys { RedisKeys(source: source) }

    static func laneID(_ name: String) -> LaneID {
        WorkerID(host: name, processID: 1, nonce: "n").lane(0)
    }

    func push(_ names: [String]) throws {
        try pushPayloads(names.map { JobPayload.encode($0) })
    }

    func pushPayloads(_ payloads: [[UInt8]]) throws {
        var command = RedisCommand("RPUSH", keys.queue)
        command.append(payloads)
        _ = try client.send(command)
    }

    func lane(_ name: String) throws -> RedisLane {
        let lossy = LossyClient(try Self.connect(server))
        let lease = LaneLease(
            source: source,
            lane: Self.laneID(name),
            token: "token-\(name)",
            milliseconds: leaseMilliseconds
        )
        return RedisLane(queue: RedisEventQueue(lease: lease, client: lossy), client: lossy)
    }

    func loseReply(of lane: RedisLane) { lane.client.nextFault = .lostReply }
    func loseRequest(of lane: RedisLane) { lane.client.nextFault = .lostRequest }

    func expireLease(of name: String) throws {
        _ = try client.send(RedisCommand("DEL", keys.lease(lane: Self.laneID(name).name)))
    }

    func reap() throws -> (jobs: Int, poisoned: Int) {
        let reaped = try RedisQueueMaintenance(client: client, clock: FixedClock()).reap(source, turn: 0)
        return (reaped?.jobs ?? -1, reaped?.poisoned ?? -1)
    }

    func promote() throws -> Int {
        try RedisQueueMaintenance(client: client, clock: FixedClock()).promote(source)
    }

    func pause(_ isPaused: Bool) throws {
        let inspector = RedisQueueInspector(client: client)
        if isPaused { try inspector.pause(source, note: "test") } else { _ = try inspector.resume(source) }
    }

    /// How often commands ran, those inside scripts among them.
    func calls(of commands: Set<String>) throws -> [String: Int] {
        var calls: [String: Int] = [:]
        for line in try server.cli("INFO", "commandstats").split(whereSeparator: \.isNewline) {
            // cmdstat_lrem:calls=2,usec=…
            let parts = line.dropFirst("cmdstat_".count).split(whereSeparator: { ":=,".contains($0) })
            guard parts.count > 2, commands.contains(String(parts[0])) else { continue }
            calls[String(parts[0])] = Int(parts[2])
        }
        return calls
    }

    /// Every key and its contents, as Redis would write them to a file; without leases, whose time runs.
    func values() throws -> [String: [UInt8]] {
        let keys = try client.send(RedisCommand("KEYS", "*")).elements ?? []
        var values: [String: [UInt8]] = [:]
        for key in keys.compactMap(\.text) {
            values[key] = try client.send(RedisCommand("DUMP", key)).bytes
        }
        return values
    }

    func leave(_ lane: RedisLane) throws -> Int? { try lane.queue.leave() }

    func contents() throws -> QueueContents {
        let replies = try client.send([
            RedisCommand("LRANGE", keys.queue, "0", "-1"), RedisCommand("LRANGE", keys.suspect, "0", "-1"),
            RedisCommand("LRANGE", keys.dead, "0", "-1"), RedisCommand("ZRANGE", keys.retry, "0", "-1"),
        ])
        let names = replies.map { ($0.elements ?? []).compactMap(\.bytes).map(JobPayload.name) }
        return QueueContents(
            queue: names[0],
            suspects: names[1],
            dead: names[2],
            retries: names[3],
            inFlight: try RedisQueueInspector(client: client).snapshot(source).jobsInFlight
        )
    }
}
