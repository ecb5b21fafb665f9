import Foundation
import Testing

@testable import SharedRuntime

@Suite("Process title")
struct ProcessTitleTests {
    @Test("fits the room, cut between two characters, without what a terminal would obey")
    func fitting() {
        #expect(String(decoding: ProcessTitle.fitting("a: 1 lane", room: 100), as: UTF8.self) == "a: 1 lane")
        #expect(String(decoding: ProcessTitle.fitting("a: 1 lane", room: 4), as: UTF8.self) == "a: 1")
        #expect(ProcessTitle.fitting("ağ", room: 2) == Array("a".utf8))
        #expect(ProcessTitle.fitting("a\u{1B}[1m\n", room: 9) == Array("a [1m ".utf8))
        #expect(ProcessTitle.fitting("abc", room: 0).isEmpty)
    }

    @Test("finds where the arguments lie, also where the name holds brackets, and believes no nonsense")
    func bounds() {
        func stat(_ name: String, _ start: String, _ end: String) -> String {
            "42 (\(name)) S " + (4...47).map(String.init).joined(separator: " ") + " \(start) \(end) 50 51 0"
        }
        for name in ["worker", "a) b (c", ""] {
            let found = ProcessTitle.bounds(stat: stat(name, "4096", "4196"))
            #expect(found?.start == 4096 && found?.end == 4196)
        }
        for (start, end) in [
            ("0", "0"), ("4096", "4096"), ("4196", "4096"), ("1", "99999999"), ("x", "4096"),
        ] {
            #expect(ProcessTitle.bounds(stat: stat("w", start, end)) == nil)
        }
        #expect(ProcessTitle.bounds(stat: "") == nil)
        #expect(ProcessTitle.bounds(stat: "42 (w) S 1 2") == nil)
    }

    @Test("is found where the kernel says, and replaces nothing beyond it")
    func kernel() throws {
        let stat = try String(contentsOfFile: "/proc/self/stat", encoding: .utf8)
        let line = try #require(FileManager.default.contents(atPath: "/proc/self/cmdline"))
        let found = try #require(ProcessTitle.bounds(stat: stat))
        #expect(found.end - found.start == UInt(line.count))
    }
}
