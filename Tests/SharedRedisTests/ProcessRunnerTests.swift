import Foundation
import TestSupport
import Testing

@Suite struct ProcessRunnerTests {
    @Test("output, errors and exit code of a program are kept apart")
    func separateStreams() throws {
        let script = "cat; echo wrong >&2; exit 3"
        let result = try ProcessRunner.run("sh", ["-c", script], directory: "/", input: "in")
        #expect(result.output == "in")
        #expect(result.errors == "wrong\n")
        #expect(result.exit == .code(3))
    }

    @Test("a child hears SIGTERM although the thread of the test may block it")
    func terminate() throws {
        let process = try ProcessRunner.start("sh", ["-c", "echo up; exec sleep 60"])
        #expect(try process.waitForLine(containing: "up") == "up")
        process.terminate()
        #expect(try process.waitForExit() == .signal(SIGTERM))
    }

    @Test("waiting for a line that never comes says what was written")
    func missingLine() throws {
        let error = #expect(throws: TestSupportError.self) {
            try ProcessRunner.start("sh", ["-c", "echo other"]).waitForLine(containing: "up")
        }
        #expect(error?.description.contains("other") == true)
    }

    @Test("an append-only server holds its data over SIGKILL and restart")
    func restart() throws {
        let server = try RedisServer(.init(appendOnly: true, extraArguments: ["--appendfsync", "always"]))
        try server.cli("RPUSH", "list", "one")
        try server.restart()
        #expect(try server.cli("LRANGE", "list", "0", "-1") == "one")
    }
}
