import Foundation
import Testing

/// The rules of the house that neither the compiler nor the formatter knows.
@Suite("Tidy")
struct TidyTests {
    private let swift = Repository.files(below: "Sources", endings: [".swift"])
    private let tests = Repository.files(below: "Tests", endings: [".swift"])

    @Test("finds the sources at all")
    func findsSources() {
        #expect(swift.count > 60)
        #expect(tests.count > 20)
    }

    @Test("keeps files within 400 lines and their median within 150")
    func fileLengths() {
        for file in swift + tests where file.lines.count > 400 {
            Issue.record("\(file.path) has \(file.lines.count) lines: split it by topic (Type+Topic.swift).")
        }
        let lengths = swift.map(\.lines.count).sorted()
        #expect(lengths[lengths.count / 2] <= 150, "The median file is too long.")
    }

    @Test("keeps lines within 110 characters")
    func lineLengths() {
        for file in swift + tests {
            // A line of sample JSON in a test is one word: breaking it would hide what it is.
            let isTest = file.path.hasPrefix("Tests/")
            for (index, line) in file.lines.enumerated()
            where line.count > 110 && !line.contains("https://") && !(isTest && line.contains("\"")) {
                Issue.record("\(file.path):\(index + 1) is longer than 110 characters: break it.")
            }
        }
    }

    @Test("keeps functions within 70 lines")
    func functionLengths() {
        for file in swift {
            for (name, line, length) in Self.functions(in: file) where length > 70 {
                Issue.record("\(file.path):\(line) \(name) has \(length) lines: extract what has a name.")
            }
        }
    }

    @Test(
        "bans what the house does without",
        arguments: [
            ("try!", "handle the error or let it through"),
            ("as!", "use as? and say what happens otherwise"),
            ("TODO", "do it or file an issue"),
            ("FIXME", "fix it"),
            (
                "fatalError(",
                "use preconditionFailure with a message for a bug, an error for the outside world"
            ),
            ("JSONSerialization", "use JSONDocument and JSONWriter"),
            ("JSONDecoder", "use JSONDocument"),
            ("JSONEncoder", "use JSONWriter"),
            ("INSERT OR REPLACE", "use INSERT … ON CONFLICT: REPLACE walks past the append-only triggers"),
            ("Thread.sleep", "wait on an event"),
        ]
    )
    func banned(_ word: String, instead: String) {
        for file in swift {
            for (index, line) in file.lines.enumerated() where line.contains(word) {
                if line.contains("REPLACE"), line.drop(while: \.isWhitespace).hasPrefix("//") { continue }
                Issue.record("\(file.path):\(index + 1): \(word) is banned, \(instead).")
            }
        }
    }

    @Test("lets Core import Crypto and Foundation only, and Domain nothing")
    func coreImports() {
        for file in swift where file.path.hasPrefix("Sources/Shared/Core/") {
            for module in Self.imports(of: file) where !["Crypto", "Foundation"].contains(module) {
                Issue.record("\(file.path) imports \(module): Core is pure Swift.")
            }
            if file.path.hasPrefix("Sources/Shared/Core/Domain/") {
                #expect(Self.imports(of: file).isEmpty, "\(file.path): Domain imports nothing.")
            }
        }
    }

    @Test("keeps the targets apart")
    func targetImports() {
        let forbidden = [
            "Sources/Intake/": ["SharedStore", "GRDB", "CHiredis"],
            "Sources/Dashboard/": ["SharedRedis", "CHiredis", "GRDB"],
            "Sources/Worker/": ["GRDB", "CHiredis"],
            "Sources/Ops/": ["GRDB", "CHiredis", "NIOCore"],
            "Sources/Shared/Outgoing/": ["SharedStore", "SharedRedis", "GRDB", "CHiredis"],
            "Sources/Shared/Redis/": ["SharedStore", "GRDB", "NIOCore"],
            "Sources/Shared/Store/": ["SharedRedis", "CHiredis", "NIOCore"],
        ]
        for file in swift {
            for (folder, modules) in forbidden where file.path.hasPrefix(folder) {
                for module in Self.imports(of: file) where modules.contains(module) {
                    Issue.record("\(file.path) must not import \(module).")
                }
            }
        }
    }

    @Test("keeps providers' names in their folders and the catalog")
    func providerNames() {
        for file in swift where !file.path.hasPrefix("Sources/Shared/Core/Providers/") {
            for (number, text) in file.code {
                for name in ["shopify", "shopier", "stripe"] where text.lowercased().contains(name) {
                    Issue.record("\(file.path):\(number) names \(name): ask the catalog instead.")
                }
            }
        }
    }

    @Test("asks a proof for every unchecked Sendable")
    func uncheckedSendable() {
        for file in swift {
            for (index, line) in file.lines.enumerated() where line.contains("@unchecked Sendable") {
                let before = file.lines[max(0, index - 12)..<index]
                #expect(
                    before.contains { $0.contains("// SAFETY:") },
                    "\(file.path):\(index + 1): say above why it is safe (// SAFETY: …)."
                )
            }
        }
    }

    @Test("names no path of a developer's machine")
    func machinePaths() throws {
        let pattern = try Regex("(^|[^A-Za-z0-9_.])/(work|root|home/[a-z]+)/")
        let endings = [".swift", ".md", ".json", ".conf", ".js", ".css", ".html", ".py", ".sh", ".yaml"]
        for file in Repository.files(endings: endings) {
            for (index, line) in file.lines.enumerated() where line.firstMatch(of: pattern) != nil {
                guard !file.path.hasPrefix("Tests/TidyTests/") else { continue }
                Issue.record("\(file.path):\(index + 1) names a path of one machine.")
            }
        }
    }

    @Test("gives every page of the docs exactly one title")
    func titles() {
        for file in Repository.files(endings: [".md"]) {
            var isCode = false
            let titles = file.lines.filter { line in
                if line.hasPrefix("```") { isCode.toggle() }
                return !isCode && line.hasPrefix("# ")
            }
            #expect(titles.count == 1, "\(file.path) has \(titles.count) titles.")
        }
    }

    @Test("documents every setting that the code reads, and no other")
    func settings() throws {
        let pattern = try Regex("GROWTH_[A-Z][A-Z_]*[A-Z]")
        func names(_ files: [Repository.File]) -> Set<String> {
            Set(
                files.flatMap(\.lines).flatMap {
                    $0.matches(of: pattern).map { String($0.output[0].substring ?? "") }
                }
            )
        }
        let page = Repository.files(below: "docs", endings: ["configuration.md"])
        let source = Repository.files(below: "Sources", endings: [".swift"])
        let documented = names(page)
        let read = names(source)
        #expect(!documented.isEmpty)
        for name in read.subtracting(documented) where name != "GROWTH_HOME" {
            Issue.record("docs/configuration.md says nothing about \(name).")
        }
        for name in documented.subtracting(read) where !name.hasSuffix("_OSB") && name != "GROWTH_VEGA_DIR" {
            Issue.record("docs/configuration.md describes \(name), which nothing reads.")
        }
    }

    // MARK: Reading Swift

    private static func imports(of file: Repository.File) -> [String] {
        file.code.compactMap { _, text in
            let words = text.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index <= 2, words.count > index + 1 else {
                return nil
            }
            guard
                words[..<index].allSatisfy({
                    $0.hasPrefix("@") || ["public", "package", "internal"].contains($0)
                })
            else { return nil }
            return words[index + 1].split(separator: ".").first.map(String.init)
        }
    }

    /// Functions and initialisers, by the indentation of their first and last lines.
    private static func functions(in file: Repository.File) -> [(name: String, line: Int, length: Int)] {
        var found: [(String, Int, Int)] = []
        for (index, line) in file.lines.enumerated() {
            let text = line.drop(while: { $0 == " " })
            let words = text.split(whereSeparator: { " (<?".contains($0) })
            guard words.prefix(4).contains(where: { ["func", "init"].contains($0) }), !text.hasPrefix("//")
            else {
                continue
            }
            // A requirement of a protocol has no body.
            let signature = file.lines[index...].prefix { !$0.allSatisfy(\.isWhitespace) }.prefix(24)
            guard signature.contains(where: { $0.hasSuffix("{") }) else { continue }
            let indentation = String(repeating: " ", count: line.count - text.count)
            guard let end = file.lines[index...].firstIndex(where: { $0 == indentation + "}" }) else {
                continue
            }
            let name = words.drop { $0 != "func" && $0 != "init" }.prefix(2).joined(separator: " ")
            found.append((name, index + 1, end - index + 1))
        }
        return found
    }
}
