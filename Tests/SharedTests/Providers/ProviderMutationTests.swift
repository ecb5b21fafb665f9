import Foundation
import Shared
import TestSupport
import Testing

@Suite("Hostile values in Shopify and Stripe bodies")
struct ProviderMutationTests {
    /// What an attacker with a valid secret, or a broken sender, may put where a value is expected.
    private static let values = [
        "null", "true", "[]", "{}", "\"\"", "\"example string\"", "0", "-1", "1e300", "\"-0.0\"", "\"1e99\"",
        "9223372036854775807", "-9223372036854775808", "\"92233720368547758.07\"",
        "\"-92233720368547758.08\"",
        "99999999999999999999", "\"XXX\"", "\"JPY\"", "[[[]]]", "{\"shop_money\":{\"amount\":\"9e15\"}}",
    ]

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private func mutated(_ json: String, _ generator: inout Generator) -> String {
        var text = json
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let scalars = text.matches(of: /": ("(?:[^"\\]|\\.)*"|-?[0-9.e]+|null|true|false)/)
            guard let match = scalars.randomElement(using: &generator),
                let value = Self.values.randomElement(using: &generator)
            else { continue }
            text.replaceSubrange(match.output.1.startIndex..<match.output.1.endIndex, with: value)
        }
        return text
    }

    private func run(_ provider: String, rounds: Int, _ normalize: (JSONValue) throws -> Normalized) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed of the mutations of \(provider): \(seed)")
        var generator = Generator(state: seed)
        let folder = ProviderFixture.folder.appending(path: provider)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            let json = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            for _ in 0..<rounds {
                let text = mutated(json, &generator)
                do {
                    let result = try normalize(JSONDocument(Array(text.utf8)).root)
                    #expect(!result.facts.isEmpty || result.note != nil, "\(file), seed \(seed)")
                } catch let rejection as Rejection {
                    #expect(!rejection.reason.code.isEmpty, "\(file), seed \(seed)")
                }
            }
        }
    }

    @Test("Shopify: facts, a note or a rejection, never a trap")
    func shopify() throws {
        let envelope = try EnvelopeFixture(path: "/webhooks/shopify", json: "{}").envelope
        try run("shopify", rounds: 25) { try ShopifyAdapter().normalize(envelope, body: $0) }
    }

    @Test("Stripe: facts, a note or a rejection, never a trap")
    func stripe() throws {
        let envelope = try EnvelopeFixture(path: "/webhooks/stripe", json: "{}").envelope
        try run("stripe", rounds: 60) { try StripeAdapter().normalize(envelope, body: $0) }
    }
}
