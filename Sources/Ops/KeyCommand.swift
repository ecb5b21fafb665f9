import ArgumentParser
import Foundation
import Shared
import SharedRuntime
import SharedStore

/// The pseudonym key ring.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Makes, rotates and lists the keys under which personal data is pseudonymised.",
        subcommands: [Generate.self, Rotate.self, List.self]
    )

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the first key; refuses where one exists, or a database that needs its own.",
            discussion: """
                Beside a database that holds deliveries a new key is the wrong one: no customer of before is
                found by it, neither to be counted nor to be erased. Put the copy of its key back instead.

                EXAMPLES:
                  growthctl key generate
                """
        )

        @Flag(help: "Make it beside a database whose key is lost for good.") var force = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = ProgramStart.settings()
            let path = settings.pseudonymKeyFile
            if !force { try Self.refuseBesideDeliveries(settings) }
            ProgramStart.disableCoreDumps()
            let ring = try PseudonymKeyRing.generate(randomBytes: KeyFile.randomBytes())
            guard try KeyFile.write(ring.serialized().utf8, to: path, replaces: false) else {
                throw Refusal(
                    "There is a key ring in \(path) already; growthctl key rotate adds a key to it."
                )
            }
            output.say(
                """
                Made the pseudonym key \(ring.activeKeyID) in \(path). Keep a copy in a safe place:
                without it, no erasure request can be answered and customers are counted anew.
                """,
                [("active", .text(ring.activeKeyID)), ("file", .text(path))]
            )
        }

        /// Refuses where a key may be lost: a new one would hide that, until somebody asks to be erased.
        private static func refuseBesideDeliveries(_ settings: Settings) throws(Refusal) {
            let path = settings.pseudonymKeyFile
            // Where there is a key, that is what is said.
            guard !FileManager.default.fileExists(atPath: path) else { return }
            let database = Ops.absolute(settings.databasePath)
            let fault: String
            switch SQLiteStore.contents(ofFile: database) {
            case .nothing: return
            case .deliveries: fault = "holds deliveries under a key that \(path) held"
            case .unknown: fault = "can't be read, and may hold deliveries under a key that \(path) held"
            }
            throw Refusal(
                "The database \(database) \(fault): put the copy of that key back. Only where it is lost for "
                    + "good, give --force: customers of before can then be neither found nor erased."
            )
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a key and makes it the active one; restart the intake to use it.",
            discussion: "EXAMPLES:\n  growthctl key rotate"
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = ProgramStart.settings()
            let path = settings.pseudonymKeyFile
            let ring = try ProgramStart.keyRing(of: settings).rotated(randomBytes: KeyFile.randomBytes())
            _ = try KeyFile.write(ring.serialized().utf8, to: path, replaces: true)
            output.say(
                "The active key is \(ring.activeKeyID) now. Restart the intake; old keys stay for look-ups.",
                [("active", .text(ring.activeKeyID)), ("file", .text(path))]
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the ids of the keys, never the keys.",
            discussion: "EXAMPLES:\n  growthctl key list"
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
