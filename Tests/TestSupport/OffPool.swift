import Foundation

/// Runs what blocks on a thread of its own, so that an asynchronous test leaves the pool to what it tests.
public enum OffPool {
    /// Runs the body and returns what it returns, or throws what it throws.
    public static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}
