import Foundation
import Testing

/// The pages of the documentation lead to each other.
@Suite("Pages")
struct PageTests {
    /// The paths to which the links of a page lead, without those to the web and within the page.
    private func targets(of page: String) throws -> [String] {
        let url = Repository.root.appendingPathComponent(page)
        let folder = url.deletingLastPathComponent()
        return try String(contentsOf: url, encoding: .utf8).matches(of: #/\]\(([^)#]+)(#[^)]*)?\)/#)
            .map { String($0.1) }
            .filter { !$0.contains("://") }
            .map { folder.appendingPathComponent($0).standardizedFileURL.path }
    }

    private func pages(in folder: String) throws -> [String] {
        let url = Repository.root.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path)
            .filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }

    @Test("every link leads to a file, and README to every page")
    func links() throws {
        let docs = try pages(in: "docs")
        #expect(docs.count >= 20)
        for page in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] + docs
            + (try pages(in: "docs/decisions"))
        {
            for path in try targets(of: page) where !FileManager.default.fileExists(atPath: path) {
                Issue.record("\(page) links to \(path), which is not there.")
            }
        }
        let readme = Set(try targets(of: "README.md"))
        for page in docs {
            let path = Repository.root.appendingPathComponent(page).standardizedFileURL.path
            #expect(readme.contains(path), "README.md does not link \(page).")
        }
    }

    @Test("every page that the code names is there")
    func pagesInCode() {
        for file in Repository.files(below: "Sources", endings: [".swift"]) {
            for match in file.lines.joined(separator: "\n").matches(of: /docs\/[a-z0-9-]+\.(?:md|json)/) {
                let page = Repository.root.appendingPathComponent(String(match.output))
                if FileManager.default.fileExists(atPath: page.path) { continue }
                Issue.record("\(file.path) names \(match.output), which is not there.")
            }
        }
    }

    @Test("every decision has a number of its own, in its name and its title")
    func decisions() throws {
        let records = try pages(in: "docs/decisions")
        for record in records {
            let text = try String(contentsOf: Repository.root.appendingPathComponent(record), encoding: .utf8)
            let number = record.dropFirst("docs/decisions/".count).prefix(4)
            #expect(text.hasPrefix("# \(number): "), "\(record)")
        }
        #expect(Set(records.map { $0.dropFirst("docs/decisions/".count).prefix(4) }).count == records.count)
    }
}
