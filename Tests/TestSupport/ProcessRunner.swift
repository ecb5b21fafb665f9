import Foundation

/// Starts programs for tests.
public enum ProcessRunner {
    private static let gate = NSLock()

    /// What a program that has ended leaves behind.
    public struct Result: Sendable {
        /// How it ended.
        public let exit: RunningProcess.Exit
        /// All that it wrote to its standard output.
        public let output: String
        /// All that it wrote to its standard error.
        public let errors: String

        /// Whether it ended with exit code 0.
        public var isSuccess: Bool { exit == .code(0) }
    }

    /// Starts a program and returns at once.
    ///
    /// The child starts with no signal blocked and every signal at its default: a test thread blocks signals,
    /// and a child that inherits that never hears SIGTERM.
    ///
    /// - Parameters:
    ///   - executable: The path, or a name that is looked up in `PATH`.
    ///   - arguments: The arguments, without the program's name.
    ///   - environment: Added to, or with nil taken from, the environment of the test.
    ///   - directory: The working directory; nil for that of the test.
    ///   - input: Bytes for its standard input; must be short enough for a pipe's buffer (64 KiB).
    /// - Returns: The running program; it is killed when the last reference to it goes.
    /// - Throws: ``TestSupportError`` when it can't be started.
    public static func start(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        directory: String? = nil,
        input: String = ""
    ) throws(TestSupportError) -> RunningProcess {
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        // One at a time: between `pipe` and `fcntl` another spawn would inherit this one's ends for good.
        gate.lock()
        defer { gate.unlock() }
        let standardInput = try Pipe()
        let output = try Pipe()
        let errors = try Pipe()
        defer {
            close(standardInput.reading)
            close(output.writing)
            close(errors.writing)
        }
        // `env -C` changes the directory and then becomes the program, under the same process id.
        let words = (directory.map { ["env", "-C", $0] } ?? []) + [executable] + arguments
        let bytes = Array(input.utf8)
        if !bytes.isEmpty { _ = write(standardInput.writing, bytes, bytes.count) }
        close(standardInput.writing)
        let spawn = Spawn(
            words: words,
            variables: variables.map { "\($0)=\($1)" },
            descriptors: [standardInput.reading, output.writing, errors.writing]
        )
        do throws(TestSupportError) {
            let identifier = try spawn.run()
            return RunningProcess(
                name: executable,
                identifier: identifier,
                output: output.reading,
                errors: errors.reading
            )
        } catch {
            close(output.reading)
            close(errors.reading)
            throw error
        }
    }

    /// Runs a program to its end; kills it when it takes longer than the limit.
    ///
    /// - Returns: How it ended, and what it wrote.
    /// - Throws: ``TestSupportError`` when it can't be started or takes longer than the limit.
    public static func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        directory: String? = nil,
        input: String = "",
        limit: Duration = .seconds(30)
    ) throws(TestSupportError) -> Result {
        let process = try start(
            executable,
            arguments,
            environment: environment,
            directory: directory,
            input: input
        )
        let exit = try process.waitForExit(within: limit)
        return Result(exit: exit, output: process.output, errors: process.errors)
    }
}

/// Both ends of a pipe; neither is inherited by a child unless it is put in place of a standard stream.
private struct Pipe {
    let reading: Int32
    let writing: Int32

    init() throws(TestSupportError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = ends[0]
        writing = ends[1]
    }
}
