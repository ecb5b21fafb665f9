import Foundation
import Shared
import TestSupport
import Testing

/// JSONTestSuite by Nicolas Seriot, where deploy/json-corpus has put it.
///
/// GROWTH_JSON_CORPUS names the folder. Without it nothing is checked; in the full suite (GROWTH_FULL_SUITE)
/// it must be there.
@Suite("JSON corpus")
struct JSONCorpusTests {
    private struct Case {
        var name: String
        var bytes: [UInt8]
    }

    /// What json.org's checker refuses and RFC 8259 does not: a text as a document, and 20 levels.
    private static let olderThanTheStandard: Set<String> = ["fail01.json", "fail18.json"]

    private func cases(in folder: String) throws -> [Case] {
        let environment = ProcessInfo.processInfo.environment
        guard let root = environment["GROWTH_JSON_CORPUS"] else {
            #expect(
                environment["GROWTH_FULL_SUITE"] == nil,
                "GROWTH_JSON_CORPUS is not set: run deploy/test."
            )
            return []
        }
        let path = "\(root)/\(folder)"
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        return names.compactMap { name in
            FileManager.default.contents(atPath: "\(path)/\(name)").map { Case(name: name, bytes: Array($0)) }
        }
    }

    private func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONDocument(bytes)) != nil
    }

    /// What the intake makes of the body: its envelope, in which a body that is no JSON has a reason.
    private func envelope(_ bytes: [UInt8]) throws -> Envelope {
        try EnvelopeFixture(path: "/webhooks/generic/corpus", body: bytes).envelope
    }

    @Test("every y_ is accepted, every n_ is no JSON, and no i_ does harm; the intake says the same")
    func parsing() throws {
        let cases = try cases(in: "parsing")
        if cases.isEmpty { return }
        var counts: [Character: Int] = [:]
        for item in cases {
            let kind = item.name.first ?? "?"
            counts[kind, default: 0] += 1
            let isAccepted = isJSON(item.bytes)
            if kind == "y" { #expect(isAccepted, "\(item.name) is refused") }
            if kind == "n" { #expect(!isAccepted, "\(item.name) is accepted") }
            let envelope = try envelope(item.bytes)
            #expect((envelope.unreadable == nil) == isAccepted, "\(item.name)")
            #expect(isAccepted || envelope.body.isEmpty, "\(item.name)")
        }
        print("JSON corpus: \(counts.sorted { $0.key < $1.key }.map { "\($0.key)_ \($0.value)" })")
        #expect(
            counts["y", default: 0] >= 95 && counts["n", default: 0] >= 187 && counts["i", default: 0] >= 35
        )
    }

    @Test("the files of json.org's checker pass and fail as RFC 8259 has it")
    func checker() throws {
        let cases = try cases(in: "jsonchecker")
        if cases.isEmpty { return }
        for item in cases {
            let passes = item.name.hasPrefix("pass") || Self.olderThanTheStandard.contains(item.name)
            #expect(isJSON(item.bytes) == passes, "\(item.name)")
        }
        #expect(cases.count >= 36)
    }
}
