import Foundation
import ServiceLifecycle
import Shared

/// Runs a blocking loop on a thread of its own, so that it never holds a thread of the cooperative pool.
struct ThreadService: Service {
    /// The thread's name, as `top -H` shows it; at most 15 bytes count.
    let name: String
    /// What tells the loop to stop.
    let stop: StopSignal
    /// The loop; returns soon after the signal.
    let body: @Sendable () throws -> Void

    /// Starts the thread and waits until its loop has ended; a graceful shutdown stops it.
    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withCheckedThrowingContinuation {
                (continuation: CheckedContinuation<Void, any Error>) in
                let thread = Thread {
                    continuation.resume(with: Result { try body() })
                }
                thread.name = name
                thread.start()
            }
        } onCancelOrGracefulShutdown: {
            stop.stop()
        }
    }
}
