import Foundation

/// A program that a test has started.
///
/// Its output is collected while it runs, so that it never blocks on a full pipe.
public final class RunningProcess: Sendable {
    /// How a program ended.
    public enum Exit: Hashable, Sendable {
        /// It returned this exit code.
        case code(Int32)
        /// This signal ended it.
        case signal(Int32)
    }

    /// Its process id.
    public let identifier: Int32
    private let name: String
    private let state: ProcessState

    init(name: String, identifier: pid_t, output: Int32, errors: Int32) {
        self.name = name
        self.identifier = identifier
        state = ProcessState(identifier: identifier)
        LeftoverProcesses.shared.add(identifier)
        let state = state
        Thread.detachNewThread { state.collect(output, into: \.output) }
        Thread.detachNewThread { state.collect(errors, into: \.errors) }
        Thread.detachNewThread { state.awaitEnd() }
    }

    deinit {
        state.send(SIGKILL)
    }

    /// All that it has written to its standard output so far.
    public var output: String { state.read { String(decoding: $0.output, as: UTF8.self) } }

    /// All that it has written to its standard error so far.
    public var errors: String { state.read { String(decoding: $0.errors, as: UTF8.self) } }

    /// Whether it has not ended yet.
    public var isRunning: Bool { state.read { $0.exit == nil } }

    /// Sends a signal; does nothing once the program has ended.
    public func send(signal: Int32) {
        state.send(signal)
    }

    /// Asks it to end (SIGTERM).
    public func terminate() {
        state.send(SIGTERM)
    }

    /// Ends it without asking (SIGKILL) and waits until it is gone.
    public func kill() {
        state.send(SIGKILL)
        _ = state.wait(until: .now + .seconds(10)) { $0.exit }
    }

    /// Waits until a line of its output or of its errors holds the text, and returns that line.
    ///
    /// - Throws: ``TestSupportError`` when the deadline passes, or it ends, without such a line; the error
    ///   holds the end of what it wrote.
    public func waitForLine(
        containing text: String,
        within limit: Duration = .seconds(10)
    ) throws(TestSupportError) -> String {
        let found = state.wait(until: .now + limit) { streams -> String?? in
            if let line = streams.line(containing: text) { return .some(line) }
            return streams.isAtEnd ? .some(nil) : nil
        }
        guard let line = found ?? nil else {
            throw TestSupportError("\(name) wrote no line with \"\(text)\" within \(limit).\n\(tail)")
        }
        return line
    }

    /// Waits until it has ended and all of its output has been read; kills it at the deadline.
    ///
    /// - Throws: ``TestSupportError`` when the deadline passes; the error holds the end of what it wrote.
    @discardableResult
    public func waitForExit(within limit: Duration = .seconds(10)) throws(TestSupportError) -> Exit {
        if let exit = state.wait(until: .now + limit, { $0.isAtEnd ? $0.exit : nil }) { return exit }
        // A grandchild may hold the pipes open: the program itself has ended, and that is what was asked.
        if let exit = state.read({ $0.exit }) { return exit }
        kill()
        throw TestSupportError("\(name) had not ended after \(limit).\n\(tail)")
    }

    private var tail: String {
        "…" + (output + errors).suffix(2000)
    }
}
