import Foundation
import Testing

@testable import growth_worker

@Suite("Stop signal")
struct StopSignalTests {
    /// How long a pause took, and whether it said that the loop goes on.
    private func timed(_ pause: () -> Bool) -> (seconds: Double, goesOn: Bool) {
        let start = ContinuousClock.now
        let goesOn = pause()
        return ((ContinuousClock.now - start) / .seconds(1), goesOn)
    }

    @Test("waits for its time")
    func time() {
        let signal = StopSignal()
        let sleep = timed { signal.sleep(milliseconds: 60) }
        #expect(sleep.seconds >= 0.055 && sleep.goesOn)
        let wait = timed { signal.wait(milliseconds: 1060) }
        #expect(wait.seconds >= 1.055 && wait.goesOn)
    }

    @Test("ends a wait at once when woken, and remembers it while nobody waits")
    func wake() {
        let signal = StopSignal()
        signal.wake()
        let remembered = timed { signal.wait(milliseconds: 20_000) }
        #expect(remembered.seconds < 10 && remembered.goesOn)
        Thread.detachNewThread { signal.wake() }
        let woken = timed { signal.wait(milliseconds: 20_000) }
        #expect(woken.seconds < 10 && woken.goesOn)
        let notWoken = timed { signal.wait(milliseconds: 30) }
        #expect(notWoken.seconds >= 0.025 && notWoken.goesOn)
    }

    @Test("sleeps on when woken")
    func sleepsOn() {
        let signal = StopSignal()
        signal.wake()
        let sleep = timed { signal.sleep(milliseconds: 60) }
        #expect(sleep.seconds >= 0.055 && sleep.goesOn)
        let wait = timed { signal.wait(milliseconds: 20_000) }
        #expect(wait.seconds < 10 && wait.goesOn)
    }

    @Test("ends every wait for good when stopped, twice as well as once")
    func stop() {
        let signal = StopSignal()
        Thread.detachNewThread { signal.stop() }
        let sleep = timed { signal.sleep(milliseconds: 20_000) }
        #expect(sleep.seconds < 10 && !sleep.goesOn)
        signal.stop()
        #expect(signal.isStopped)
        let wait = timed { signal.wait(milliseconds: 20_000) }
        #expect(wait.seconds < 10 && !wait.goesOn)
    }
}
