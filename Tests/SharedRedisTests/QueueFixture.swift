import Foundation
import Shared
import SharedRedis
import TestSupport

/// A queue under test, with what a test does to it from outside.
protocol QueueFixture {
    associatedtype Lane: EventQueue
    func push(_ names: [String]) throws
    func lane(_ name: String) throws -> Lane
    /// The next step of the lane is run, but its reply is lost.
    func loseReply(of lane: Lane)
    /// The next step of the lane never reaches the queue.
    func loseRequest(of lane: Lane)
    func expireLease(of name: String) throws
    func reap() throws -> (jobs: Int, poisoned: Int)
    func promote() throws -> Int
    func pause(_ isPaused: Bool) throws
    func leave(_ lane: Lane) throws -> Int?
    /// Names of the jobs that wait, are suspect, or are dead.
    func contents() throws -> QueueContents
}

struct QueueContents: Equatable {
    var queue: [String] = []
    var suspects: [String] = []
    var dead: [String] = []
    var retries: [String] = []
    var inFlight = 0
}

/// Payloads that look like envelopes, so that scripts find their ids.
enum JobPayload {
    static func encode(_ name: String, attempt: Int = 0) -> [UInt8] {
        Array(#"{"v":1,"id":"\#(name)","source":"shopify","attempt":\#(attempt),"body":{}}"#.utf8)
    }

    /// The name of an envelope, or of the first id in a dead letter.
    static func name(of payload: [UInt8]) -> String {
        let text = String(decoding: payload, as: UTF8.self)
        guard let range = text.range(of: "\"id\":\"") else { return text }
        return String(text[range.upperBound...].prefix { $0 != "\"" })
    }
}

struct InMemoryFixture: QueueFixture {
    private let clock = ManualClock()
    private let queue: InMemoryQueue

    init() {
        queue = InMemoryQueue(source: SourceID(literal: "shopify"), clock: clock)
    }

    func push(_ names: [String]) { queue.push(names.map { JobPayload.encode($0) }) }
    func lane(_ name: String) -> InMemoryEventQueue { queue.lane(name) }
    func loseReply(of lane: InMemoryEventQueue) { lane.nextFault = .lostReply }
    func loseRequest(of lane: InMemoryEventQueue) { lane.nextFault = .lostRequest }
    func expireLease(of name: String) { queue.expireLease(of: name) }
    func reap() -> (jobs: Int, poisoned: Int) { queue.reap() }
    func promote() -> Int { queue.promote() }
    func pause(_ isPaused: Bool) { queue.withState { $0.isPaused = isPaused } }
    func leave(_ lane: InMemoryEventQueue) throws -> Int? { try lane.leave() }

    func contents() -> QueueContents {
        queue.withState { state in
            QueueContents(
                queue: state.queue.map(JobPayload.name),
                suspects: state.suspects.map(JobPayload.name),
                dead: state.dead.map(JobPayload.name),
                retries: state.retries.map { JobPayload.name(of: $0.payload) },
                inFlight: state.inFlight
            )
        }
    }
}
