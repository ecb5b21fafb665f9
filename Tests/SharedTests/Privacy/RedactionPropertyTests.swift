import Shared
import TestSupport
import Testing

/// No planted secret survives unless the policy keeps it.
@Suite struct RedactionPropertyTests {
    private struct Lists {
        var keep: [[String]] = []
        var keepText: [[String]] = []
        var pseudonymise: [[String]] = []

        init(using random: inout SeededGenerator) {
            for _ in 0..<Int.random(in: 0...6, using: &random) { keep.append(Self.path(&random)) }
            for _ in 0..<Int.random(in: 0...3, using: &random) { keepText.append(Self.path(&random)) }
            for _ in 0..<Int.random(in: 0...3, using: &random) { pseudonymise.append(Self.path(&random)) }
        }

        private static func path(_ random: inout SeededGenerator) -> [String] {
            var steps: [String] = []
            for index in 0..<Int.random(in: 1...4, using: &random) {
                let step = ["a", "b", "c", "d", "*", "[]"].randomElement(using: &random) ?? "a"
                // The root of these documents is an object.
                steps.append(index == 0 && step == "[]" ? "a" : step)
            }
            return steps
        }

        var policy: FieldPolicy {
            FieldPolicy(
                version: 1,
                keep: keep.map(Self.text),
                keepText: keepText.map(Self.text),
                pseudonymise: pseudonymise.map { (Self.text($0), .email) },
                captures: keep.map(Self.text)
            )
        }

        private static func text(_ steps: [String]) -> String {
            steps.dropFirst().reduce(steps.first ?? "") { $0 + ($1 == "[]" ? "[]" : "." + $1) }
        }

        /// Whether the policy lets the value pass, by a matcher that shares nothing with the compiled one.
        func keeps(_ canary: CanaryDocument.Canary) -> Bool {
            func matches(_ pattern: [String]) -> Bool {
                pattern.count == canary.path.count
                    && zip(pattern, canary.path).allSatisfy { $0 == $1 || ($0 == "*" && $1 != "[]") }
            }
            if pseudonymise.contains(where: matches) { return false }
            if keepText.contains(where: matches) { return canary.sort == .word }
            return keep.contains(where: matches) && (canary.sort == .word || canary.sort == .number)
        }
    }

    /// Every key and scalar of a document as text.
    private func texts(of value: JSONValue) -> [String] {
        if let text = value.text { return [text] }
        return value.elements.flatMap { texts(of: $0) }
            + value.members.flatMap { [$0.key] + texts(of: $0.value) }
    }

    @Test("no secret that the policy does not keep is in the output, and every kept one is")
    func canaries() throws {
        var random = SeededGenerator(test: "redaction canaries")
        var kept = 0
        var removed = 0
        for round in 0..<4_000 {
            let document = CanaryDocument(using: &random)
            let lists = Lists(using: &random)
            let result = try PrivacyFixture.redact(Array(document.text.utf8), lists.policy)
            let output = texts(of: try JSONDocument(result.bytes).root)
            let all =
                result.text + output.joined(separator: "\n") + result.captured.compactMap(\.self).joined()
            for canary in document.canaries {
                if lists.keeps(canary) {
                    kept += 1
                    #expect(output.contains(canary.secret), "round \(round) seed \(random.seed)")
                } else {
                    removed += 1
                    #expect(!all.contains(canary.secret), "round \(round) seed \(random.seed)")
                }
            }
            for key in document.keys { #expect(!all.contains(key), "round \(round) seed \(random.seed)") }
            #expect(result.droppedCount <= document.canaries.count + document.plainNumbers)
        }
        #expect(kept > 100)
        #expect(removed > 1_000)
    }

    @Test("redacting what was redacted under the same policy changes no kept value")
    func stable() throws {
        var random = SeededGenerator(test: "redaction twice")
        for _ in 0..<300 {
            let document = CanaryDocument(using: &random)
            var lists = Lists(using: &random)
            lists.pseudonymise = []
            let once = try PrivacyFixture.redact(Array(document.text.utf8), lists.policy)
            let twice = try PrivacyFixture.redact(once.bytes, lists.policy)
            #expect(twice.bytes == once.bytes, "seed \(random.seed)")
            #expect(twice.droppedCount == 0)
        }
    }
}
