import Foundation
import TestSupport
import Testing

@Suite("growthctl's help and its page")
struct HelpTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func help(_ path: [String]) throws -> String {
        let result = try Console.run("growthctl", path + ["--help"], [:])
        #expect(result.isSuccess, "\(path): \(result.errors)")
        return result.output
    }

    /// The subcommands that a help text lists.
    private func subcommands(in help: String) -> [String] {
        guard let start = help.range(of: "SUBCOMMANDS:\n") else { return [] }
        return help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { $0.hasPrefix("  ") }
            .filter { !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
            .filter { $0 != "help" }
    }

    /// Every command that does something, such as `dead list`.
    private func commands(below path: [String] = []) throws -> [String] {
        let text = try help(path)
        #expect(text.contains("USAGE: growthctl"), "\(path)")
        let names = subcommands(in: text)
        if names.isEmpty {
            #expect(text.contains("--json"), "\(path) takes no --json.")
            return [path.joined(separator: " ")]
        }
        return try names.flatMap { try commands(below: path + [$0]) }
    }

    @Test("every command has help and takes --json, and docs/growthctl.md shows each with an example")
    func page() throws {
        let commands = try commands()
        #expect(commands.count >= 20)
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/growthctl.md"),
            encoding: .utf8
        )
        let lines = page.split(separator: "\n")
        let documented = lines.filter { $0.hasPrefix("## `") }.map { $0.dropFirst(4).prefix { $0 != "`" } }
        #expect(documented.map(String.init) == commands)
        for command in commands {
            #expect(
                lines.contains { $0.hasPrefix("$ growthctl \(command)") },
                "docs/growthctl.md has no example of growthctl \(command)."
            )
        }
    }

    @Test("every command's help has an example, with options that it takes")
    func examples() throws {
        for command in try commands() {
            let text = try help(command.split(separator: " ").map(String.init))
            let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            let start = lines.firstIndex(of: "EXAMPLES:") ?? lines.endIndex
            let examples = lines[start...].dropFirst().prefix { $0.hasPrefix("growthctl \(command)") }
            #expect(!examples.isEmpty, "\(command) has no example.")
            for option in examples.joined(separator: " ").split(separator: " ") where option.hasPrefix("--") {
                #expect(lines.contains { $0.hasPrefix(option) }, "\(command) takes no \(option).")
            }
        }
    }

    @Test("--older-than-hours says from when the hours count, in the help as on the page")
    func ages() throws {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("docs/growthctl.md"),
            encoding: .utf8
        )
        func words(_ text: some StringProtocol) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        for (command, since) in [
            ("retry now", "received"), ("retry delete", "received"), ("dead retry", "set aside"),
            ("dead delete", "set aside"), ("quarantine release", "set aside"),
            ("quarantine delete", "set aside"), ("sealed resubmit", "set aside"),
        ] {
            let help = words(try help(command.split(separator: " ").map(String.init)))
            #expect(help.contains("Those \(since) more than this many hours ago."), "\(command): \(help)")
            let start = try #require(page.range(of: "## `\(command)`\n")).upperBound
            let section = words(page[start...].prefix(while: { $0 != "$" }))
            guard section.contains("--older-than-hours") else { continue }
            #expect(section.contains("those \(since) more than `--older-than-hours` ago"), "\(section)")
        }
    }

    @Test("what a command finds wrong while it runs ends with 64 and its own usage")
    func ownUsage() throws {
        let result = try Console.run("growthctl", ["queue", "peek", "hello"], [:])
        #expect(result.exit == .code(64))
        #expect(result.errors.contains("Usage: growthctl queue peek <source>"), "\(result.errors)")
        #expect(result.errors.contains("See 'growthctl queue peek --help'"), "\(result.errors)")
        let waiting = try Console.run("growthctl", ["days", "--from", "today"], [:])
        #expect(waiting.exit == .code(64) && waiting.errors.contains("Usage: growthctl days [--from"))
        // The name of an own source is that of an account.
        #expect(result.errors.contains("A source of your own is an account of generic"))
        #expect(!result.errors.contains("erase"), "It may be about payouts.")
    }

    @Test("an unknown command or flag ends with 64")
    func usage() throws {
        for arguments in [
            ["nothing"], ["queue", "nothing"], ["status", "--nothing"], ["dead", "list", "--limit", "0"],
        ] {
            #expect(try Console.run("growthctl", arguments, [:]).exit == .code(64), "\(arguments)")
        }
    }
}
