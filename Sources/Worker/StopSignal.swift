import Foundation

/// Tells one blocking loop to stop, and wakes it.
///
/// It waits by the monotonic clock: where the wall clock is set back by an hour, no loop sleeps for an hour.
///
/// SAFETY: `isStoppedNow` and `isWoken` are touched only between lock and unlock of the mutex, which lies at
/// one address from `init` to `deinit`, as the condition does.
final class StopSignal: LoopPause, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isStoppedNow = false
    private var isWoken = false

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var isStopped: Bool { locked { isStoppedNow } }

    /// Tells the loop to stop; calling it twice changes nothing.
    func stop() {
        locked {
            isStoppedNow = true
            pthread_cond_broadcast(condition)
        }
    }

    /// Wakes the loop without stopping it: there may be work.
    func wake() {
        locked {
            isWoken = true
            pthread_cond_broadcast(condition)
        }
    }

    @discardableResult
    func sleep(milliseconds: Int) -> Bool {
        locked {
            block(milliseconds) { isStoppedNow }
            return !isStoppedNow
        }
    }

    @discardableResult
    func wait(milliseconds: Int) -> Bool {
        locked {
            block(milliseconds) { isStoppedNow || isWoken }
            isWoken = false
            return !isStoppedNow
        }
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    private func block(_ milliseconds: Int, until isOver: () -> Bool) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        deadline.tv_sec += milliseconds / 1000
        deadline.tv_nsec += milliseconds % 1000 * 1_000_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        while !isOver() {
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { return }
        }
    }
}
