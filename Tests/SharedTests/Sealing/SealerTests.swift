import Crypto
import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("Sealing")
struct SealerTests {
    private let binding = SealerTests.binding()
    private let request = SealedRequest(
        variant: "osb",
        pathSource: SourceID("shop"),
        headers: ["content-type": "text/\"x\"\n", "a": "ş"],
        body: Array("{not json, Ayşe".utf8) + [0xFF, 0x0A, 0x00]
    )

    private static func binding(
        id: String = EnvelopeFixture.id,
        source: SourceID = SourceID(literal: "shopify"),
        body: [UInt8] = Array("{not json, Ayşe".utf8) + [0xFF, 0x0A, 0x00]
    ) -> SealBinding {
        SealBinding(
            envelopeID: id,
            source: source,
            bodySHA256: HexDigits.text(SHA256.hash(data: body))
        )
    }

    private func error(
        _ sealed: SealedText,
        key: SealPrivateKey = SealFixture.key,
        for other: SealBinding? = nil
    ) -> SealError? {
        do throws(SealError) {
            _ = try key.open(sealed, for: other ?? binding)
            return nil
        } catch {
            return error
        }
    }

    @Test("the private key gives back every byte and what the adapter asked for; each seal is another text")
    func roundTrip() throws {
        let first = try SealFixture.sealer.seal(request, for: binding)
        let second = try SealFixture.sealer.seal(request, for: binding)
        #expect(first != second)
        #expect(first.text.hasPrefix("s1:\(SealFixture.key.id):"))
        #expect(SealedText(first.text) == first && first.keyID == SealFixture.key.id)
        for sealed in [first, second] {
            #expect(try SealFixture.key.open(sealed, for: binding) == request)
        }
        let empty = SealedRequest(variant: "", pathSource: nil, headers: [:], body: [])
        let emptyBinding = Self.binding(body: [])
        let sealed = try SealFixture.sealer.seal(empty, for: emptyBinding)
        #expect(try SealFixture.key.open(sealed, for: emptyBinding) == empty)
    }

    @Test("another key opens nothing, and says which key it is sealed to")
    func otherKey() throws {
        let sealed = try SealFixture.sealer.seal(request, for: binding)
        let other = SealFixture.otherKey
        let found = error(sealed, key: other)
        #expect(found == .otherKey(sealedTo: SealFixture.key.id, given: other.id))
        #expect(found?.description.contains(SealFixture.key.id) == true)
        let relabelled = try #require(
            SealedText(sealed.text.replacing(SealFixture.key.id, with: other.id))
        )
        #expect(error(relabelled, key: other) == .notAuthentic)
    }

    @Test("under another envelope's id, source or digest it does not open")
    func moved() throws {
        let sealed = try SealFixture.sealer.seal(request, for: binding)
        for other in [
            Self.binding(id: "01KATQ0000000000000000OTHR"), Self.binding(source: SourceID(literal: "stripe")),
            Self.binding(body: [1]),
        ] {
            #expect(error(sealed, for: other) == .notAuthentic)
        }
    }

    @Test("any changed, missing or added byte is found, with the seed of the campaign")
    func tampered() throws {
        let seed: UInt64 = 20_261_123
        var random = SeededGenerator(seed: seed)
        let sealed = try SealFixture.sealer.seal(request, for: binding)
        let start = sealed.text.utf8.count - sealed.text.split(separator: ":")[2].utf8.count
        let bytes = try #require(Data(base64Encoded: String(sealed.text.utf8.dropFirst(start)) ?? ""))
        for round in 0..<200 {
            var changed = bytes
            changed[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
                in: 1...255,
                using: &random
            )
            let text = "s1:\(SealFixture.key.id):\(changed.base64EncodedString())"
            #expect(error(try #require(SealedText(text))) == .notAuthentic, "seed \(seed), round \(round)")
        }
        for cut in [bytes.dropLast(1), bytes.prefix(48), bytes + Data([0])] {
            let text = "s1:\(SealFixture.key.id):\(cut.base64EncodedString())"
            #expect(error(try #require(SealedText(text))) == .notAuthentic)
        }
        for damaged in ["", "AAAA", "?", String(sealed.text.dropFirst(start).dropLast(3)) + "*=="] {
            let text = "s1:\(SealFixture.key.id):\(damaged)"
            #expect(error(try #require(SealedText(text))) == .damaged, "\(damaged.prefix(8))")
        }
    }

    @Test("what is sealed with the right key but is no request of that digest is not handed out")
    func unknownContent() throws {
        func seal(_ bytes: [UInt8]) throws -> SealedText {
            var sender = try HPKE.Sender(
                recipientKey: SealFixture.key.publicKey.key,
                ciphersuite: Sealer.suite,
                info: Sealer.info
            )
            let ciphertext = try sender.seal(bytes, authenticating: binding.bytes)
            return SealedText(
                keyID: SealFixture.key.id,
                encapsulatedKey: sender.encapsulatedKey,
                ciphertext: ciphertext
            )
        }
        for bytes in [
            [], Array("x".utf8), Array("{}\n".utf8), Array("{\"variant\":\"\",\"headers\":{}}\nother".utf8),
        ] {
            #expect(error(try seal(bytes)) == .unknownContent)
        }
    }

    @Test("a text of another version, or none at all, is not taken for one")
    func otherVersions() {
        for text in ["", "s1:", "s2:\(SealFixture.key.id):AAAA", "s1:short:AAAA", "s1:\(SealFixture.key.id)"]
        {
            #expect(SealedText(text) == nil, "\(text)")
        }
    }

    @Test("opens what another implementation of RFC 9180 sealed in the documented format")
    func golden() throws {
        // By a sealer of some forty lines of Python over the primitives of the cryptography package.
        let text =
            "s1:1a92f23852dc908d:Xf7dO2vUf2+ijuFdlp1bsOpTd01Ii9r53xxuASSz7yK3DGX7hQ0YguJeEFu5vlo0yCnrM2"
            + "/iVz4CsGjHVZJ2fS8dPupchnLU11voHMsHvlHa5+2QJ6y/SZLAfqKRtFKwXykN1FyVckLtncQ54/uuO9zu3nBSd4qy"
            + "Xa3QNSi2QH4u1rl0"
        let body = Array("{kötü".utf8)
        let sealed = try #require(SealedText(text))
        let request = try SealFixture.key.open(sealed, for: Self.binding(body: body))
        #expect(request.body == body && request.variant == "osb" && request.pathSource == nil)
        #expect(request.headers == ["content-type": "text/plain"])
    }

    @Test("2 MiB fit into 2.7 MiB of text")
    func large() throws {
        let body = [UInt8](repeating: 0x61, count: 2 << 20)
        let request = SealedRequest(variant: "", pathSource: nil, headers: [:], body: body)
        let binding = Self.binding(body: body)
        let sealed = try SealFixture.sealer.seal(request, for: binding)
        #expect(sealed.text.utf8.count < (2 << 20) / 3 * 4 + 1_024)
        #expect(try SealFixture.key.open(sealed, for: binding).body.count == 2 << 20)
    }
}
