import Shared
import Testing

@Suite struct FieldPolicyTests {
    @Test("a star and a name for the same key both lead on")
    func starBesideName() throws {
        let text = #"{"a":{"b":{"x":"1","y":"2"},"c":{"x":"3","y":"4"}}}"#
        let result = try PrivacyFixture.redact(text, keep: ["a.*.x", "a.b.y"])
        #expect(result.text == #"{"a":{"b":{"x":"1","y":"2"},"c":{"x":"3"}}}"#)
    }

    @Test("pseudonymise is stronger than keepText, which is stronger than keep")
    func strength() throws {
        let text = #"{"a":"4111111111111111","b":"jon@example.com"}"#
        let result = try PrivacyFixture.redact(
            text,
            keep: ["a", "b", "*"],
            keepText: ["a", "b"],
            pseudonymise: [("b", .email)]
        )
        #expect(result.text == #"{"a":"[card]","b":"\#(PrivacyFixture.jon)"}"#)
        let star = try PrivacyFixture.redact(text, keep: ["b"], pseudonymise: [("*", .email)])
        #expect(star.pseudonymisedCount == 2)
    }

    @Test("a list of the same path twice is that path once")
    func repeated() throws {
        let result = try PrivacyFixture.redact(#"{"a":"x"}"#, keep: ["a", "a"], captures: ["a", "a"])
        #expect(result.text == #"{"a":"x"}"#)
        #expect(result.captured == ["x", "x"])
    }

    @Test("hundreds of keys of all lengths are told apart")
    func manyKeys() throws {
        let names = (0..<700).map { index in String(repeating: "k", count: index % 23) + "_\(index)" }
        let kept = Set(names.enumerated().filter { $0.offset % 2 == 0 }.map(\.element))
        let document = "{" + names.map { "\"\($0)\":\"v\"" }.joined(separator: ",") + "}"
        let result = try PrivacyFixture.redact(document, keep: Array(kept).sorted())
        #expect(Set(try JSONDocument(result.bytes).root.members.map(\.key)) == kept)
        #expect(result.droppedCount == names.count - kept.count)
    }

    @Test("a policy shows its lists")
    func lists() {
        let policy = FieldPolicy(
            version: 7,
            keep: ["a"],
            keepText: ["b"],
            pseudonymise: [("c", .phone)],
            captures: ["a"]
        )
        #expect(policy.version == 7)
        #expect(policy.keep == ["a"])
        #expect(policy.keepText == ["b"])
        #expect(policy.pseudonymise.map(\.path) == ["c"])
        #expect(policy.captures == ["a"])
    }
}
