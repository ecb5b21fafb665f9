import Shared
import TestSupport
import Testing

/// Mutated documents never trap, and whatever comes out is JSON.
@Suite struct RedactionFuzzTests {
    private static let seeds = [
        #"{"id":820982911946154500,"email":"jon@example.com","line_items":[{"title":"x \"y\" 4111 1111 1111 1111"}]}"#,
        #"{"\u0065mail":"\ud83d\ude00@b.c","a":{"b":{"amount":"1.50"}},"n":[-0.5e+10,1,null,true,false,""]}"#,
        #"[{"id":"TR33 0006 1005 1978 6457 8413 26","title":"192.168.1.1 2001:db8::1 +90 (532) 111-22-33 é日😀"}]"#,
        #" { "title" : "٠٥٣٢١١١٢٢٣٣ ＠ %40 2021-12-31" , "phone" : "+90 (0) 532 111 22 33" , "x@y.z" : [ [ ] , { } ] } "#,
        #"{"customer":{"id":207119551,"email":" İI@X "},"email":["a"],"a":{"x\u0040y":{"amount":12345678.9}}}"#,
    ]
    private static let pieces: [[UInt8]] =
        [
            "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "1e", "-", "\\u", "\\ud800", "\u{0}", "@",
            "%40", "::", "a@b",
            "+90532", "4111111111111111", "\"email\":", "\"id\":", "é", "\u{FEFF}",
        ].map { Array($0.utf8) } + [
            [0x80], [0xC2], [0xE2, 0x80], [0xF0, 0x9F], [0xFF], [0xED, 0xA0, 0x80],
        ]

    private static let policy = FieldPolicy(
        version: 1,
        keep: ["id", "a.*.amount", "[].id", "n[]"],
        keepText: ["title", "[].title", "line_items[].title"],
        pseudonymise: [
            ("email", .email), ("phone", .phone), ("customer.id", .customerID), ("customer.email", .email),
        ],
        captures: ["id", "title"]
    )

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
        case 3: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
        case 4: bytes.removeSubrange(place...)
        default:
            let end = min(bytes.count, place + Int.random(in: 1...16, using: &random))
            bytes.insert(
                contentsOf: Array(bytes[place..<end]),
                at: Int.random(in: 0...bytes.count, using: &random)
            )
        }
    }

    private func touch(_ value: JSONValue) -> Int {
        value.members.reduce(value.string?.count ?? 0) {
            $0 + touch($1.value) + (value[$1.key].exists ? 1 : 0)
        }
            + value.elements.reduce(0) { $0 + touch($1) } + (value.int64 == nil ? 0 : 1)
    }

    private func outcome(_ redactor: Redactor, _ bytes: [UInt8]) -> Result<RedactedPayload, JSONError> {
        Result { () throws(JSONError) in
            try redactor.redact(bytes, policy: Self.policy, source: PrivacyFixture.source, account: "")
        }
    }

    @Test("60,000 mutated documents: scanner and redactor agree, and the output is JSON again")
    func mutations() throws {
        var random = SeededGenerator(test: "redaction fuzz")
        let redactor = try PrivacyFixture.redactor()
        var accepted = 0
        var corpus = Self.seeds.map { Array($0.utf8) }
        for round in 0..<60_000 {
            let index = Int.random(in: 0..<corpus.count, using: &random)
            var bytes = corpus[index]
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, &random) }
            let parsed = Result { () throws(JSONError) in try JSONDocument(bytes) }
            switch (parsed, outcome(redactor, bytes)) {
            case (.success(let document), .success(let payload)):
                accepted += 1
                _ = touch(document.root)
                let again = try? JSONDocument(payload.bytes)
                #expect(again != nil, "round \(round) seed \(random.seed)")
                // A valid mutant joins the corpus now and then, so that later rounds reach further.
                if bytes.count < 600, corpus.count < 200, random.chance(1, in: 8) { corpus.append(bytes) }
            case (.failure(let one), .failure(let other)):
                #expect(one == other, "round \(round) seed \(random.seed)")
            default:
                Issue.record("Scanner and redactor disagree in round \(round), seed \(random.seed).")
            }
        }
        #expect(accepted > 5_000)
    }
}
