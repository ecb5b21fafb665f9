import Dispatch
import Foundation
public import ServiceLifecycle

/// Does something whenever a signal comes, as long as the program serves.
public struct SignalService: Service {
    /// What to do, by the signal's number.
    private let handlers: [Int32: @Sendable () -> Void]

    /// Creates a service; the signals have no other effect from now on.
    public init(_ handlers: [Int32: @Sendable () -> Void]) {
        self.handlers = handlers
        for number in handlers.keys { _ = signal(number, SIG_IGN) }
    }

    /// Listens until the shutdown begins.
    public func run() async throws {
        let queue = DispatchQueue(label: "growth.signals")
        let sources = handlers.map { number, handler in
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler(handler: handler)
            source.resume()
            return source
        }
        try? await gracefulShutdown()
        for source in sources { source.cancel() }
    }
}
