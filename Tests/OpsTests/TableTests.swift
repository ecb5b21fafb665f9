import Shared
import Testing

@testable import growthctl

@Suite("Tables")
struct TableTests {
    @Test(
        "knows how many cells a text takes",
        arguments: [
            ("", 0), ("abc", 3), ("ığüşöç", 6), ("漢字", 4), ("한글", 4), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("👍", 2),
            ("👨‍👩‍👧", 2), ("🇹🇷", 2), ("⚠️", 2), ("€", 1), ("a\u{200D}b", 2), ("ไทย", 3),
        ]
    )
    func width(text: String, cells: Int) {
        #expect(DisplayWidth.of(text) == cells, "\(text)")
    }

    @Test("aligns columns also where texts are wide")
    func alignment() {
        var table = Table(columns: ["name", "count", "note"])
        table.rows = [
            [.text("漢字"), .number(7), .text("x")], [.text("abc"), .number(1234), .none],
            [.text("👍🏽"), .marked(.number(5), .red), .flag(true)],
        ]
        #expect(
            table.text() == """
                NAME  COUNT  NOTE
                漢字      7  x
                abc    1234  -
                👍🏽        5  yes
                """
        )
    }

    @Test("colours only when asked, and cuts lines to a width without cutting a colour")
    func colour() {
        var table = Table(columns: ["a", "b"])
        table.rows = [[.text("漢字漢字"), .marked(.text("alarm"), .red)]]
        #expect(!table.text().contains("\u{1B}"))
        let coloured = table.text(hasColor: true)
        #expect(coloured.contains("\u{1B}[31malarm\u{1B}[0m"))
        #expect(coloured.contains("\u{1B}[1mA\u{1B}[0m"))
        #expect(table.text(limit: 12).split(separator: "\n").last == "漢字漢字  al")
        #expect(table.text(limit: 7).split(separator: "\n").last == "漢字漢")
        for limit in 1...20 {
            for line in table.text(limit: limit).split(separator: "\n") {
                #expect(DisplayWidth.of(line) <= limit)
            }
        }
        #expect(table.json() == #"[{"a":"漢字漢字","b":"alarm"}]"#)
    }

    @Test("shortens prose alone, the widest first, until a row fits or nothing more can be shortened")
    func fitting() {
        var table = Table(columns: ["id", "topic", "error", "n"])
        table.rows = [
            [.text("01KATQ5Z3J"), .prose("漢字漢字漢字"), .marked(.prose("a long tale of woe"), .red), .number(7)],
            [.text("01KATQ5Z3K"), .none, .text("unreadable"), .number(1234)],
        ]
        func widths(_ room: Int) -> [Int] {
            table.text(fitting: room).split(separator: "\n").map { DisplayWidth.of($0) }
        }
        #expect(table.text(fitting: 50) == table.text())
        #expect(
            table.text(fitting: 44) == """
                ID          TOPIC         ERROR         N
                01KATQ5Z3J  漢字漢字漢字  a long tale…     7
                01KATQ5Z3K  -             unreadable    1234
                """
        )
        #expect(table.text(fitting: 39).split(separator: "\n")[1] == "01KATQ5Z3J  漢字漢字…  a long ta…     7")
        // No column gets narrower than what has to stay whole, or than 8 cells.
        #expect(widths(1) == widths(38) && widths(38) == [35, 38, 38])
        #expect(table.text(hasColor: true, fitting: 39).contains("\u{1B}[31ma long ta…\u{1B}[0m"))
        #expect(table.json().contains(#""topic":"漢字漢字漢字","error":"a long tale of woe""#))
        var short = Table(columns: ["a_long_heading", "b"])
        short.rows = [[.prose("x"), .prose("y")]]
        #expect(short.text(fitting: 3) == "A_LONG_HEADING  B\nx               y")
    }

    @Test("keeps from a terminal what it would obey, in JSON by escapes that mean the same")
    func hostile() throws {
        let text = "a\u{9b}2J\u{202e}b\u{e0001}\u{1b}[0m"
        var table = Table(columns: ["a"])
        table.rows = [[.text(text)]]
        #expect(table.text() == "A\na?2J?b??[0m")
        #expect(table.json() == #"[{"a":"a\u009b2J\u202eb\udb40\udc01\u001b[0m"}]"#)
        #expect(try JSONDocument(Array(table.json().utf8)).root[0]["a"].string == text)
    }

    @Test("shows bytes and seconds to people in units, and as numbers in JSON")
    func units() {
        let bytes = [0, 1023, 1024, 44_261_376, 1 << 30, 5 << 40, 5 << 50].map { Table.text(bytes: $0) }
        #expect(bytes == ["0", "1023", "1.0K", "42.2M", "1.0G", "5.0T", "5120.0T"])
        let seconds = [0, 59, 60, 61, 4800, 86_400, 90_061].map { Table.text(seconds: $0) }
        #expect(seconds == ["0s", "59s", "1m", "1m 1s", "1h 20m", "1d", "1d 1h"])
        var table = Table(columns: ["used_bytes", "beat_seconds_ago", "oldest_seconds"])
        table.rows = [[.bytes(2048), .seconds(61), .none]]
        #expect(table.text() == "USED  BEAT_AGO  OLDEST\n2.0K     1m 1s  -")
        #expect(table.json() == #"[{"used_bytes":2048,"beat_seconds_ago":61,"oldest_seconds":null}]"#)
    }
}
