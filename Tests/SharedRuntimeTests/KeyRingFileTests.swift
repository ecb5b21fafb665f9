import Foundation
import Shared
import SharedRuntime
import TestSupport
import Testing

@Suite("Key ring file")
struct KeyRingFileTests {
    private let folder: TemporaryDirectory
    private var path: String { folder.file("pii.key") }

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func write(_ text: String, mode: mode_t = 0o600) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(chmod(path, mode) == 0)
    }

    private var error: KeyRingFileError? {
        do {
            _ = try KeyRingFile.read(path)
            return nil
        } catch {
            return error
        }
    }

    @Test("reads the ring of a file that only its owner can read", arguments: [0o600, 0o400] as [mode_t])
    func reads(mode: mode_t) throws {
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 32))
        try write(ring.serialized(), mode: mode)
        #expect(try KeyRingFile.read(path).activeKeyID == "k1")
    }

    @Test(
        "refuses a file that others can read or change, and says chmod 600",
        arguments: [0o640, 0o604, 0o660, 0o620, 0o602, 0o610, 0o644, 0o777] as [mode_t]
    )
    func exposed(mode: mode_t) throws {
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 32))
        try write(ring.serialized(), mode: mode)
        #expect(error == .exposed(path: path, mode: mode))
        let text = try #require(error).description
        #expect(text.contains("chmod 600 \(path)"))
        #expect(text.contains("mode \(String(mode, radix: 8))"))
    }

    @Test("says which command makes a key that is missing")
    func missing() throws {
        #expect(error == .missing(path: path))
        #expect(try #require(error).description.contains("growthctl key generate"))
    }

    @Test("refuses a folder in the file's place")
    func folderInPlace() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        guard case .unreadable = error else {
            Issue.record("A folder was read: \(String(describing: error))")
            return
        }
    }

    @Test("says what is wrong with a ring and shows nothing of it")
    func malformed() throws {
        try write("k1 canary active\n")
        let text = try #require(error).description
        #expect(text.contains(path))
        #expect(!text.contains("canary"))
        try write("")
        #expect(error == .malformed(path: path, .noActiveKey))
    }
}
