import Foundation
import TestSupport
import Testing

/// `deploy/lib/install-packages`, with an apt-get that looks instead of installing.
@Suite("Installing packages")
struct PackagesTests {
    private let folder: TemporaryDirectory
    private var policy: String { folder.file("policy-rc.d") }

    init() throws {
        folder = try TemporaryDirectory()
    }

    /// Runs the script; `install` is what apt-get does for `apt-get install`.
    private func run(install: String) throws -> ProcessRunner.Result {
        let program = folder.file("apt-get")
        let script = "#!/bin/sh\ncase \"$1\" in install) ;; *) exit 0 ;; esac\n\(install)\n"
        try script.write(toFile: program, atomically: false, encoding: .utf8)
        #expect(chmod(program, 0o755) == 0)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try ProcessRunner.run(
            "sh",
            [root.appendingPathComponent("deploy/lib/install-packages").path, policy, "no-such-package"],
            environment: ["PATH": "\(folder.path):\(path)"]
        )
    }

    private var exists: Bool { FileManager.default.fileExists(atPath: policy) }

    @Test(
        "no package starts a service while it is installed; afterwards nothing is left of that, whatever came",
        arguments: [("", 0), ("exit 100", 1), ("kill -TERM $PPID; exit 100", 1)]
    )
    func policy(end: String, code: Int32) throws {
        let result = try run(install: "\(policy) redis-server start; echo answer $?; \(end)")
        #expect(result.output.contains("answer 101"), "\(result.output)\(result.errors)")
        #expect(result.exit == .code(code))
        #expect(!exists)
    }

    @Test("somebody else's policy stays as it is")
    func foreignPolicy() throws {
        try "#!/bin/sh\nexit 7\n".write(toFile: policy, atomically: false, encoding: .utf8)
        #expect(chmod(policy, 0o755) == 0)
        let result = try run(install: "\(policy) redis-server start; echo answer $?")
        #expect(result.output.contains("answer 7"))
        #expect(try String(contentsOfFile: policy, encoding: .utf8) == "#!/bin/sh\nexit 7\n")
    }

    @Test("one that a killed run left behind goes with the next")
    func leftover() throws {
        _ = try run(install: "kill -KILL $PPID")
        #expect(exists)
        #expect(try run(install: "").isSuccess)
        #expect(!exists)
    }
}
