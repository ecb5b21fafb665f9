import Logging
import Shared
import SharedRuntime
import TestSupport

@testable import growth_worker

/// One lane over queues in memory and a ledger in memory, on a clock that the test moves.
final class LaneFixture: Sendable {
    let clock = ManualClock()
    let queues: [InMemoryQueue]
    let store: StoreDouble
    let log = Monitor<[String]>([])
    /// Commands that an idle lane sends.
    let probes = Monitor(0)
    /// What the idle lane's question meets.
    let probeError = Monitor<QueueError?>(nil)
    let isQuiet = Monitor(false)
    let busy = Monitor<[Bool]>([])
    let commits = Monitor<[(jobs: Int, dead: Int)]>([])
    private let batchSize: Int
    private let level: Logger.Level

    init(
        sources: [String] = ["generic"],
        batchSize: Int = 8,
        store: StoreDouble = StoreDouble(),
        level: Logger.Level = .info
    ) {
        self.level = level
        let clock = clock
        queues = sources.compactMap { SourceID($0) }.map { InMemoryQueue(source: $0, clock: clock) }
        self.store = store
        self.batchSize = batchSize
    }

    var queue: InMemoryQueue { queues[0] }

    var logger: Logger {
        let log = log
        let level = level
        return Logger(label: "lane") { label in
            JSONLogHandler(label: label, level: level) { line in
                log.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
    }

    /// Whether nothing waits, is in hand, or is suspect.
    var isDone: Bool {
        queues.allSatisfy { queue in
            queue.withState { $0.queue.isEmpty && $0.suspects.isEmpty && $0.inFlight == 0 }
        }
    }

    /// Reasons of all dead letters, in their order.
    func deadLetters() throws -> [DeadLetter] {
        try queue.withState { $0.dead }.map { line throws(Rejection) in try DeadLetter(decoding: line) }
    }

    /// Runs a lane until the pause is stopped; a pause of its own stops when everything is done.
    func run(pause: ScriptedPause? = nil, lanes: [any EventQueue]? = nil) throws {
        let pause =
            pause
            ?? ScriptedPause(clock: clock, limit: 500) { [self] pause, _ in
                if isDone { pause.stop() }
            }
        try lane(pause: pause, lanes: lanes).run()
    }

    func lane(
        pause: any LoopPause,
        lanes: [any EventQueue]? = nil,
        weights: SourceWeights = SourceWeights()
    ) -> Lane {
        let queues = queues
        let probes = probes
        let environment = Lane.Environment(
            queues: lanes ?? queues.map { $0.lane("lane") },
            signs: { [probeError] () throws(QueueError) in
                probes.withLock { $0 += 1 }
                if let error = probeError.withLock({ $0 }) { throw error }
                return queues.reduce(into: WorkSigns.none) { signs, queue in
                    queue.withState { state in
                        signs.lists += [!state.queue.isEmpty, !state.suspects.isEmpty].count { $0 }
                        signs.pauses += state.isPaused ? 1 : 0
                    }
                }
            },
            store: store,
            preparation: BatchPreparation(adapters: ProviderCatalog.adapters),
            clock: clock,
            workerID: "host:1:test",
            batchSize: batchSize,
            leaseMilliseconds: 15_000,
            weights: weights,
            isQuiet: { [isQuiet] in isQuiet.withLock { $0 } },
            busy: { [busy] isBusy in busy.withLock { $0.append(isBusy) } },
            committed: { [commits] _, jobs, dead in commits.withLock { $0.append((jobs, dead)) } }
        )
        return Lane(environment: environment, stop: pause, logger: logger)
    }
}

/// Envelopes as the intake makes them, told apart by their ids.
enum Jobs {
    private static let template: String? = {
        let json =
            #"{"type":"order.paid","id":"e1","order":{"id":"1","currency":"TRY","status":"paid"}}"#
        let fixture = try? EnvelopeFixture(path: "/webhooks/generic/shop", json: json)
        return fixture.map { String(decoding: $0.line, as: UTF8.self) }
    }()

    static func id(_ number: Int) -> String {
        let digits = String(number)
        return "01KATQ" + String(repeating: "0", count: 20 - digits.count) + digits
    }

    static func make(_ numbers: Range<Int>, attempt: Int = 0) throws -> [[UInt8]] {
        guard let template else { throw TestSupportError("The template is no envelope.") }
        let tried = template.replacing(#""attempt":0"#, with: #""attempt":\#(attempt)"#)
        return numbers.map { Array(tried.replacing(EnvelopeFixture.id, with: id($0)).utf8) }
    }

    /// An envelope of a source that no adapter takes; without another number, at its last try.
    static func ofUnknownSource(_ number: Int, attempt: Int = RetrySchedule.tries - 1) throws -> [UInt8] {
        let jobs = try make(number..<number + 1, attempt: attempt)
        let text = String(decoding: jobs.first ?? [], as: UTF8.self)
        return Array(text.replacing(#""source":"generic""#, with: #""source":"nobody""#).utf8)
    }
}

/// A lane's queue that notes every call and fails where the test says.
final class SpyQueue: EventQueue {
    enum Call: Equatable {
        case step(dead: Int?, limit: Int)
        case extend
        case leave
    }

    let inner: InMemoryEventQueue
    private(set) var calls: [Call] = []
    /// What happens to the call of this number.
    var faults: [Int: InMemoryEventQueue.Fault] = [:]
    /// What every further step meets.
    let refusal = Monitor<QueueError?>(nil)
    /// Whether every further call fails, as after the death of the process.
    var isCut = false
    var afterStep: (QueueStep) -> Void = { _ in }
    var source: SourceID { inner.source }

    init(_ inner: InMemoryEventQueue) {
        self.inner = inner
    }

    /// Calls of `step`.
    var steps: [Call] { calls.filter { if case .step = $0 { true } else { false } } }

    private func note(_ call: Call) throws(QueueError) {
        if isCut { throw QueueError(code: .unreachable, message: "The process is dead.") }
        inner.nextFault = faults[calls.count]
        calls.append(call)
    }

    func step(
        acknowledging outcome: BatchOutcome?,
        takingUpTo limit: Int
    ) throws(QueueError) -> QueueStep {
        try note(.step(dead: outcome?.dead.count, limit: limit))
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        let step = try inner.step(acknowledging: outcome, takingUpTo: limit)
        afterStep(step)
        return step
    }

    func extendLease() throws(QueueError) -> Bool {
        try note(.extend)
        return try inner.extendLease()
    }

    @discardableResult
    func leave() throws(QueueError) -> Int? {
        try note(.leave)
        return try inner.leave()
    }
}
