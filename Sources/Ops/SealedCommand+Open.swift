import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

extension SealedCommand {
    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the raw body of a sealed delivery to standard output or a file.",
            discussion: """
                It is what the provider sent, full of personal data: delete the file when you are done. On a
                terminal, characters that it would obey are shown as question marks.

                EXAMPLES:
                  growthctl sealed open generic 01KATQ5Z3J8N6V0C2W4R7XHYME --private-key /dev/stdin < seal.key
                  growthctl sealed open generic 01KATQ5Z3J8N6V0C2W4R7XHYME --private-key seal.key \\
                    --output body
                """
        )

        @Argument(help: "The source.") var source: String
        @Argument(help: "The envelope's id.") var id: String
        @OptionGroup var privateKey: PrivateKeyOption
        @Option(help: "A new file for the body, which only its owner can read.") var output: String?
        @OptionGroup var form: OutputOptions

        func run() throws {
            let source = try Ops.source(source)
            try Ops.run { settings in
                let client = Ops.redis(settings)
                guard let delivery = try SealedDelivery.find(id: id, of: source, client: client) else {
                    StandardError.print("\(source) has no sealed delivery of this id.")
                    throw Ops.refused
                }
                do {
                    try write(try delivery.open(with: privateKey.read()).body, of: delivery)
                } catch let error as SealError {
                    StandardError.print("\(id): \(error)")
                    throw Ops.refused
                }
            }
        }

        private func write(_ body: [UInt8], of delivery: SealedDelivery) throws {
            var fields: [(String, Table.Cell)] = [
                ("source", .text(delivery.envelope.source.name)), ("id", .text(id)),
                ("key", .text(delivery.sealed.keyID)), ("bytes", .number(body.count)),
            ]
            if let output {
                guard try KeyFile.write(body, to: output, replaces: false) else {
                    StandardError.print("There is a file \(output) already; name another.")
                    throw Ops.refused
                }
                fields.append(("file", .text(output)))
                form.say("Wrote \(body.count) bytes to \(output). Delete it when you are done.", fields)
            } else if form.json {
                fields.append(("base64", .text(Data(body).base64EncodedString())))
                form.say("", fields)
            } else if isatty(STDOUT_FILENO) == 1 {
                for line in String(decoding: body, as: UTF8.self).split(
                    omittingEmptySubsequences: false,
                    whereSeparator: \.isNewline
                ) { print(Table.printable(String(line))) }
            } else {
                try FileHandle.standardOutput.write(contentsOf: Data(body))
            }
        }
    }

    struct Keygen: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the pair of keys for bodies that can't be redacted; refuses where one exists.",
            discussion: """
                EXAMPLES:
                  growthctl sealed keygen
                  growthctl sealed keygen --private /media/stick/seal.key
                """
        )

        @Option(
            name: .customLong("public"),
            help: "The file for the public key (default: GROWTH_SEAL_PUBLIC_KEY_FILE)."
        )
        var publicFile: String?
        @Option(
            name: .customLong("private"),
            help: "The file for the private key (default: seal.key in GROWTH_HOME)."
        )
        var privateFile: String?
        @OptionGroup var output: OutputOptions

        func run() throws {
            let settings = ProgramStart.settings()
            let publicFile =
                publicFile ?? settings.sealPublicKeyFile ?? settings.defaultSealPublicKeyFile
            let privateFile = privateFile ?? settings.defaultSealPrivateKeyFile
            ProgramStart.disableCoreDumps()
            guard let key = SealPrivateKey.generate(randomBytes: KeyFile.randomBytes()) else {
                preconditionFailure("32 bytes are a private X25519 key.")
            }
            guard !FileManager.default.fileExists(atPath: publicFile),
                try KeyFile.write(key.serialized().utf8, to: privateFile, replaces: false)
            else { throw refusal(publicFile, privateFile) }
            guard
                try KeyFile.write(
                    key.publicKey.serialized().utf8,
                    to: publicFile,
                    mode: 0o644,
                    replaces: false
                )
            else {
                // Nothing was sealed to it yet.
                try FileManager.default.removeItem(atPath: privateFile)
                throw refusal(publicFile, privateFile)
            }
            output.say(
                """
                Made the seal key \(key.id). Every intake that starts from now on seals with \(publicFile).
                The private half is in \(privateFile): move it to another machine and keep a copy in a safe
                place. Without it nobody can read what was sealed; with it anybody can.
                """,
                [("key", .text(key.id)), ("public", .text(publicFile)), ("private", .text(privateFile))]
            )
        }

        private func refusal(_ publicFile: String, _ privateFile: String) -> ExitCode {
            StandardError.print(
                "There is a seal key in \(publicFile) or \(privateFile) already: name other files. "
                    + "What was sealed to an old key needs its private half."
            )
            return Ops.refused
        }
    }
}
