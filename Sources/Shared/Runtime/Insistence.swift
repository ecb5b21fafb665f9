import Dispatch
import Foundation
import Logging
import Synchronization

/// Ends the process where it does not end by itself: when a signal comes again, or some time after the first.
///
/// Ctrl-C under a supervisor brings SIGINT from the terminal and SIGTERM from the supervisor: that is one
/// wish, so each signal is counted by itself, and the log names the first alone.
///
/// A last deed gives back what a worker has in hand; without it, that goes back when the lease is over.
struct Insistence {
    private let sources: [any DispatchSourceSignal]

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - signals: The signals that ask for an end.
    ///   - seconds: How long the end may take after the first.
    ///   - logger: The log.
    ///   - asked: Asks the program to end; called for the first of each signal.
    ///   - lastDeed: What is done before the process is ended by force; it has two seconds.
    init(
        signals: [Int32],
        seconds: Int,
        logger: Logger,
        asked: @escaping @Sendable () -> Void = {},
        lastDeed: (@Sendable () -> Void)? = nil
    ) {
        // Not the cooperative pool: its threads may be what hangs.
        let queue = DispatchQueue(label: "growth.insistence")
        let wishes = Counter()
        sources = signals.map { number in
            // Without it, the signal would end the process before the source hears of it.
            _ = signal(number, SIG_IGN)
            let count = Counter()
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard count.next() == 1 else {
                    logger.warning("The signal came again; the program ends at once.")
                    Self.end(128 + number, after: lastDeed)
                }
                if wishes.next() == 1 { logger.info("Ending on \(Self.name(of: number)).") }
                asked()
                queue.asyncAfter(deadline: .now() + .seconds(seconds)) {
                    logger.critical("The program did not end in time; it ends at once.")
                    Self.end(1, after: lastDeed)
                }
            }
            source.resume()
            return source
        }
    }

    /// Stops listening.
    func end() {
        for source in sources { source.cancel() }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGTERM: "SIGTERM"
        case SIGINT: "SIGINT"
        default: "signal \(signal)"
        }
    }

    private static func end(_ code: Int32, after lastDeed: (@Sendable () -> Void)?) -> Never {
        if let lastDeed {
            // A deed that hangs must not keep the process.
            DispatchQueue(label: "growth.insistence.limit").asyncAfter(deadline: .now() + .seconds(2)) {
                _exit(code)
            }
            lastDeed()
        }
        _exit(code)
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
