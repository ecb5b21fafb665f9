import Shared
import SharedRedis
import TestSupport
import Testing

@testable import growthctl

@Suite("Tables on a terminal")
struct NarrowTerminalTests {
    private let console: Console
    private let note = "until the mapping of the second shop is mended, which takes the rest of the week"

    init() throws {
        console = try Console()
        #expect(try console.run("queue", "pause", "generic", "--note", note).isSuccess)
    }

    /// What a command shows on a terminal of so many columns, line by line.
    private func shown(_ command: String, columns: Int) throws -> [String] {
        let program = "\(BuiltPrograms.path("growthctl")) \(command)"
        let result = try ProcessRunner.run(
            "script",
            ["-qec", "stty cols \(columns) rows 20; exec \(program)", "/dev/null"],
            environment: console.environment.merging(["NO_COLOR": "1"]) { $1 }.mapValues { $0 }
        )
        #expect(result.isSuccess, "\(result.output)")
        return result.output.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test("free text is shortened so that a row fits; nothing is where no terminal is, or in JSON")
    func freeText() throws {
        for columns in [100, 120] {
            let lines = try shown("queue depth", columns: columns)
            #expect(lines.allSatisfy { DisplayWidth.of($0) <= columns }, "\(lines)")
            let row = try #require(lines.first { $0.hasPrefix("generic") })
            #expect(row.hasSuffix("…") && DisplayWidth.of(row) == columns, "\(row)")
        }
        #expect(try shown("queue depth", columns: 250).contains { $0.contains(note) })
        #expect(try shown("queue depth --json", columns: 60).joined().contains(note))
        let piped = try console.run("queue", "depth", settings: ["COLUMNS": "60"])
        #expect(piped.output.contains(note))
    }

    @Test("ids stay whole, however narrow it is")
    func ids() throws {
        let source = SourceID(literal: "generic")
        let topic = String(repeating: "orders/", count: 30)
        let line = String(decoding: try Jobs.order(1), as: UTF8.self)
            .replacing(#""topic":"order.paid""#, with: #""topic":"\#(topic)""#)
        try console.push([Array(line.utf8)], to: RedisKeys(source: source).quarantine)
        for columns in [20, 80, 120] {
            let row = try shown("quarantine list generic", columns: columns).joined()
            #expect(row.contains(Jobs.id(1)) && row.contains("2026-11-23T10:00:00.000Z"), "\(row)")
            #expect(row.contains("…") && !row.contains(topic), "\(row)")
        }
        #expect(try console.run("quarantine", "list").output.contains(topic))
    }

    @Test("where top is too wide, the least important columns give way, and it says which")
    func narrowTop() {
        var table = Table(columns: ["source", "waiting", "suspect", "retry", "dead", "paused"])
        table.rows = [
            [.text("generic"), .number(12), .number(3), .number(0), .number(1), .prose(note)],
            [.text("stripe"), .number(0), .number(0), .number(0), .number(0), .none],
        ]
        let names = ["suspect", "retry"]
        let whole = table.narrowed(to: 120, without: names)
        #expect(whole.hidden == [] && whole.table.columns == table.columns)
        // What holds nothing but zeros goes first.
        let some = table.narrowed(to: 47, without: names)
        #expect(some.hidden == ["retry"])
        let narrow = table.narrowed(to: 40, without: names)
        #expect(narrow.hidden == ["retry", "suspect"])
        #expect(narrow.table.columns == ["source", "waiting", "dead", "paused"])
        let lines = narrow.table.text(fitting: 40, limit: 40).split(separator: "\n")
        #expect(lines[0].hasSuffix("PAUSED") && lines[1].hasSuffix("…"), "\(lines)")
    }
}
