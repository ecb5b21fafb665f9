import Shared
import TestSupport

@testable import growth_worker

/// Lets no time pass but on the test's clock, and runs the test's script at every pause.
final class ScriptedPause: LoopPause {
    enum Call: Equatable {
        case sleep(Int)
        case wait(Int)
    }

    private struct State {
        var isStopped = false
        var isWoken = false
        var calls: [Call] = []
    }

    private let state = Monitor(State())
    private let clock: ManualClock
    private let script: @Sendable (ScriptedPause, Call) -> Void
    /// A loop that does not end is a failed test, not a hanging one.
    private let limit: Int

    init(
        clock: ManualClock,
        limit: Int = 10_000,
        script: @escaping @Sendable (ScriptedPause, Call) -> Void = { _, _ in }
    ) {
        self.clock = clock
        self.limit = limit
        self.script = script
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }
    var calls: [Call] { state.withLock { $0.calls } }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    func wake() {
        state.withLock { $0.isWoken = true }
    }

    func sleep(milliseconds: Int) -> Bool {
        pause(.sleep(milliseconds), milliseconds)
    }

    func wait(milliseconds: Int) -> Bool {
        let wasWoken = state.withLock { state in
            defer { state.isWoken = false }
            return state.isWoken
        }
        return pause(.wait(milliseconds), wasWoken ? 0 : milliseconds)
    }

    private func pause(_ call: Call, _ milliseconds: Int) -> Bool {
        guard !isStopped else { return false }
        let count = state.withLock { state in
            state.calls.append(call)
            return state.calls.count
        }
        if count >= limit { stop() }
        clock.advance(byMilliseconds: Int64(milliseconds))
        script(self, call)
        return !isStopped
    }
}
