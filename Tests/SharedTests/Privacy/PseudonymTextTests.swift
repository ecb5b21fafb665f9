import Shared
import Testing

@Suite("Pseudonyms in text, and tombstones")
struct PseudonymTextTests {
    private static let hex = String(repeating: "ab12", count: 16)
    private static let one = "h1:k1:" + hex
    private static let other = "h1:k23:" + String(repeating: "0", count: 64)

    @Test("knows a pseudonym from what only looks like one")
    func shape() {
        #expect(PseudonymText.isOne(Self.one) && PseudonymText.isOne(Self.other))
        for text in [
            "", "h1:k1:", Self.one + "0", "x" + Self.one, String(Self.one.dropLast()), "h1:k:" + Self.hex,
            "h1:k1234567:" + Self.hex, "h1:k1:" + Self.hex.uppercased(), "h2:k1:" + Self.hex,
        ] {
            #expect(!PseudonymText.isOne(text), "\(text)")
        }
    }

    @Test("finds every pseudonym, and takes out those that are named")
    func removal() {
        let text = #"{"customer":"\#(Self.one)","a":["\#(Self.other)","see \#(Self.one)!"],"h":1}"#
        let bytes = Array(text.utf8)
        #expect(PseudonymText.all(in: bytes) == [Self.one, Self.other])
        let left = PseudonymText.removing([Self.one], from: bytes)
        let zeros = "h1:k1:" + String(repeating: "0", count: 64)
        let expected = #"{"customer":null,"a":["\#(Self.other)","see \#(zeros)!"],"h":1}"#
        #expect(left.map { String(decoding: $0, as: UTF8.self) } == expected)
        #expect(PseudonymText.removing(["h1:k9:" + Self.hex], from: bytes) == nil)
        #expect(PseudonymText.removing([Self.one], from: Array("h1:k1:ab".utf8)) == nil)
    }

    @Test("a tombstone tells its thing from every other, and survives its line of text")
    func tombstones() throws {
        let at = try #require(Timestamp(rfc3339: "2026-11-25T10:00:00Z"))
        let source = SourceID(literal: "generic")
        let account = AccountKey(source: source, account: "a")
        let all = [
            Tombstone.customer(Self.one, at: at), .customer(Self.other, at: at), .account(account, at: at),
            .order(OrderKey(account: account, externalID: "1"), at: at),
            .order(OrderKey(account: AccountKey(source: source, account: ""), externalID: "a\u{0}1"), at: at),
            .order(OrderKey(account: AccountKey(source: source, account: "b"), externalID: "1"), at: at),
        ]
        #expect(Set(all.map(\.digest)).count >= all.count - 1)
        for tombstone in all {
            #expect(Tombstone(line: tombstone.line) == tombstone)
            #expect(!tombstone.line.contains(Self.hex))
        }
        for line in ["", "t1 customer ab 2026-11-25T10:00:00Z", "t2" + all[0].line.dropFirst(2)] {
            #expect(Tombstone(line: line) == nil, "\(line)")
        }
    }

    @Test("an identity has one pseudonym under each key of the ring")
    func everyKey() throws {
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 32))
            .rotated(randomBytes: [UInt8](repeating: 2, count: 32))
        let source = SourceID(literal: "generic")
        let found = ring.pseudonyms(of: " A@Example.com ", identity: .email, source: source, account: "")
        #expect(Set(found.map { $0.prefix(5) }) == ["h1:k1", "h1:k2"])
        #expect(
            found == ring.pseudonyms(of: "a@example.com", identity: .email, source: source, account: "x")
        )
        #expect(ring.pseudonyms(of: "  ", identity: .email, source: source, account: "").isEmpty)
    }
}
