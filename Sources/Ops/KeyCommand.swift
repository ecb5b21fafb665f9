import ArgumentParser
import Foundation
import Shared
import SharedRuntime

/// The pseudonym key ring.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes, rotates and lists the keys under which personal data is pseudonymised.",
        subcommands: [Generate.self, Rotate.self, List.self]
    )

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the first key; refuses where one exists."
        )

        func run() throws {
            let path = ProgramStart.settings().pseudonymKeyFile
            guard !FileManager.default.fileExists(atPath: path) else {
                print("There is a key ring in \(path) already; growthctl key rotate adds a key to it.")
                throw Ops.refused
            }
            let ring = try PseudonymKeyRing.generate(randomBytes: KeyFile.randomBytes())
            try KeyFile.write(ring, to: path)
            print("Made the pseudonym key \(ring.activeKeyID) in \(path). Keep a copy in a safe place:")
            print("without it, no erasure request can be answered and customers are counted anew.")
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key and makes it the active one; restart the intake to use it."
        )

        func run() throws {
            let settings = ProgramStart.settings()
            let ring = try ProgramStart.keyRing(of: settings).rotated(randomBytes: KeyFile.randomBytes())
            try KeyFile.write(ring, to: settings.pseudonymKeyFile)
            print(
                "The active key is \(ring.activeKeyID) now. Restart the intake; old keys stay for look-ups."
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the ids of the keys, never the keys."
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            let ring = ProgramStart.keyRing(of: ProgramStart.settings())
            var table = Table(columns: ["id", "state"])
            table.rows = ring.keys.map { [.text($0.id), .text($0.isActive ? "active" : "retired")] }
            table.print(output)
        }
    }
}

/// The file that holds the key ring.
enum KeyFile {
    /// Returns 32 bytes of the system's randomness.
    static func randomBytes() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// Writes the ring beside the file and moves it into place, readable by its owner alone.
    static func write(_ ring: PseudonymKeyRing, to path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let draft = "\(path).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else {
            ProgramStart.refuse("The key file \(draft) can't be written.", code: ProgramStart.exitUnavailable)
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(ring.serialized().utf8))
        try handle.synchronize()
        guard rename(draft, path) == 0 else {
            ProgramStart.refuse("The key file \(path) can't be replaced.", code: ProgramStart.exitUnavailable)
        }
    }
}
