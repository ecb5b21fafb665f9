import Shared
import Testing

@testable import growth_worker

@Suite struct SharedSignsTests {
    private let first = WorkSigns(lists: 1, pauses: 1)
    private let second = WorkSigns(lists: 2, pauses: 1)
    private let start = Timestamp(milliseconds: 1_000_000)

    private func after(_ milliseconds: Int64) -> Timestamp {
        start.advanced(byMilliseconds: milliseconds)
    }

    @Test("an answer serves every lane for a while, and then one asks again")
    func shared() throws {
        let signs = SharedSigns()
        #expect(try signs.latest(at: start) { first } == first)
        #expect(try signs.latest(at: after(SharedSigns.milliseconds - 1)) { second } == first)
        #expect(try signs.latest(at: after(SharedSigns.milliseconds)) { second } == second)
        // A clock that was set back holds nobody up.
        #expect(try signs.latest(at: start) { first } == first)
    }

    @Test("work that one lane saw sends no other one to look for it; one lane always asks for itself")
    func work() throws {
        let signs = SharedSigns()
        let work = WorkSigns(lists: 1, pauses: 0)
        #expect(try signs.latest(at: start) { work } == work)
        #expect(try signs.latest(at: start) { .none } == .none)
        #expect(try signs.latest(at: start) { second } == .none)
        #expect(try signs.latest(at: start, isFresh: true) { second } == second)
        #expect(try signs.latest(at: start) { first } == second)
    }

    @Test("while one lane asks, others go by the answer before; who asks in vain leaves it to the next")
    func failing() throws {
        let signs = SharedSigns()
        #expect(try signs.latest(at: start) { first } == first)
        let later = after(SharedSigns.milliseconds)
        let asked = try signs.latest(at: later) { () throws(QueueError) in
            let meanwhile = try signs.latest(at: later) { second }
            #expect(meanwhile == first)
            return second
        }
        #expect(asked == second)
        let failed = after(2 * SharedSigns.milliseconds)
        #expect(throws: QueueError.self) {
            try signs.latest(at: failed) { () throws(QueueError) in
                throw QueueError(code: .unreachable, message: "Redis does not answer.")
            }
        }
        #expect(try signs.latest(at: failed) { first } == first)
    }
}
