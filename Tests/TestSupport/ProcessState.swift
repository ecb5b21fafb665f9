import Foundation

/// What is known of a running program; several threads add to it, others wait for it to change.
final class ProcessState: Sendable {
    struct Streams {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var openStreams = 2
        var exit: RunningProcess.Exit?

        var isAtEnd: Bool { exit != nil && openStreams == 0 }

        func line(containing text: String) -> String? {
            for bytes in [output, errors] {
                let lines = bytes.split(separator: UInt8(ascii: "\n"))
                for line in lines {
                    let line = String(decoding: line, as: UTF8.self)
                    if line.contains(text) { return line }
                }
            }
            return nil
        }
    }

    private let identifier: pid_t
    private let streams = Monitor(Streams())

    init(identifier: pid_t) {
        self.identifier = identifier
    }

    func read<T>(_ body: (Streams) -> T) -> T {
        streams.withLock { body($0) }
    }

    func wait<T>(until deadline: ContinuousClock.Instant, _ condition: (Streams) -> T?) -> T? {
        streams.wait(until: deadline, condition)
    }

    /// Sends a signal while the process id is certain to be this program's: it is reaped under the same lock.
    func send(_ signal: Int32) {
        streams.withLock { streams in
            if streams.exit == nil { _ = kill(identifier, signal) }
        }
    }

    func collect(_ descriptor: Int32, into stream: WritableKeyPath<Streams, [UInt8]>) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            streams.withLock { $0[keyPath: stream].append(contentsOf: chunk[..<count]) }
        }
        close(descriptor)
        streams.withLock { $0.openStreams -= 1 }
    }

    func awaitEnd() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        streams.withLock { streams in
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            streams.exit = signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
        }
        LeftoverProcesses.shared.remove(identifier)
    }
}

/// Kills what is still running when the test program itself ends.
final class LeftoverProcesses: Sendable {
    static let shared = LeftoverProcesses()
    private let identifiers = Monitor(Set<pid_t>())

    private init() {
        atexit { LeftoverProcesses.shared.killAll() }
    }

    func add(_ identifier: pid_t) {
        identifiers.withLock { _ = $0.insert(identifier) }
    }

    func remove(_ identifier: pid_t) {
        identifiers.withLock { _ = $0.remove(identifier) }
    }

    private func killAll() {
        identifiers.withLock { for identifier in $0 { _ = kill(identifier, SIGKILL) } }
    }
}
