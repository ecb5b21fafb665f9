import Foundation
import Testing

@Suite("Threat model")
struct ThreatModelTests {
    @Test("names only tests that exist, and proves every answer by one")
    func proofs() throws {
        let page = try #require(Repository.files(below: "docs", endings: ["threat-model.md"]).first)
        let tests = Dictionary(
            Repository.files(below: "Tests", endings: [".swift"]).map { file in
                (file.path.split(separator: "/").last?.dropLast(6) ?? "", file.lines.joined(separator: "\n"))
            },
            uniquingKeysWith: { $0 + $1 }
        )
        var count = 0
        for line in page.lines {
            let proofs = line.matches(of: /`(\w+Tests)` "([^"]+)"/)
            for proof in proofs {
                count += 1
                let text = tests[proof.output.1] ?? ""
                #expect(
                    text.contains("\"\(proof.output.2)\""),
                    "\(proof.output.1) has no test \"\(proof.output.2)\"."
                )
            }
            let isThreat = ["S", "T", "R", "I", "D", "E"].contains { line.hasPrefix("| \($0) | ") }
            #expect(!isThreat || !proofs.isEmpty, "No test proves: \(line)")
        }
        #expect(count > 50)
    }
}
