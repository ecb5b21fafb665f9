import Foundation
import Shared
import TestSupport
import Testing

@testable import SharedStore

@Suite("growthctl --dry-run")
struct DryRunTests {
    private static let commands = [
        ["replay", "--since", "2026-11-01"], ["erase", "--email", "ayse@example.com"],
        ["clear", "generic", "7", "--reason", "bank statement"],
    ]

    private func dry(_ arguments: [String], _ home: TemporaryDirectory) throws -> ProcessRunner.Result {
        try Console.run("growthctl", arguments + ["--dry-run"], ["GROWTH_HOME": home.path])
    }

    @Test("makes no database where there is none", arguments: commands)
    func noDatabase(arguments: [String]) throws {
        let home = try TemporaryDirectory()
        let result = try dry(arguments, home)
        #expect(result.exit == .code(69), "\(result.output)\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path).isEmpty)
    }

    @Test("brings no database up to date: it says how to", arguments: commands)
    func olderDatabase(arguments: [String]) throws {
        let home = try TemporaryDirectory()
        let older = Array(Migration.all.dropLast())
        try open(home, older).close()
        let result = try dry(arguments, home)
        #expect(result.exit == .code(78), "\(result.output)\(result.errors)")
        #expect(result.errors.contains("growthctl migrate"))
        // With the newest step done, a program that does not know it would be refused.
        try open(home, older).close()
    }

    private func open(_ home: TemporaryDirectory, _ migrations: [Migration]) throws -> SQLiteStore {
        try SQLiteStore(
            .of(home),
            access: .full,
            at: EnvelopeFixture.receivedAt,
            migrations: migrations
        )
    }
}
