import TestSupport
import Testing

@testable import Shared

/// A document of kept fields alone comes out of the redactor as it went in: numbers to the last digit, texts
/// to the last scalar, read by a second reader.
@Suite("Round trip")
struct RoundTripTests {
    private static let policy = FieldPolicy(
        version: 1,
        keep: ["n", "n[]", "n[][]", "o.*", "list[].id", "list[].amount"],
        keepText: ["t", "t[]", "x.*", "list[].title"],
        pseudonymise: []
    )

    @Test("10,000 documents of kept fields come out with the same values")
    func values() throws {
        var random = SeededGenerator(test: "round trip")
        var escapes = 0
        for round in 0..<10_000 {
            let text = document(&random)
            if text.contains("\\u") { escapes += 1 }
            let bytes = Array(text.utf8)
            let payload = try RedactorUnderFuzz.redactor.redact(
                bytes,
                policy: Self.policy,
                source: RedactorUnderFuzz.source,
                account: ""
            )
            let before = try ReferenceJSON.parse(bytes)
            let after = try ReferenceJSON.parse(payload.bytes)
            #expect(
                isSame(before, in: bytes, after, in: payload.bytes),
                "round \(round) seed \(random.seed): \(text)"
            )
            #expect(payload.droppedCount == 0 && payload.pseudonymisedCount == 0)
        }
        #expect(escapes > 1_000)
    }

    /// Whether two values are the same; numbers as they are written, texts without their escapes.
    private func isSame(
        _ left: ReferenceJSON.Node,
        in before: [UInt8],
        _ right: ReferenceJSON.Node,
        in after: [UInt8]
    ) -> Bool {
        switch (left.value, right.value) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number, .number): before[left.raw].elementsEqual(after[right.raw])
        case (.string(let one), .string(let other)): one == other
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { isSame($0, in: before, $1, in: after) }
        case (.object(let one), .object(let other)):
            one.count == other.count
                && zip(one, other).allSatisfy {
                    $0.key == $1.key && isSame($0.node, in: before, $1.node, in: after)
                }
        default: false
        }
    }

    private func document(_ random: inout SeededGenerator) -> String {
        let space = [" ", "", "", "\n  ", "\t"].randomElement(using: &random) ?? ""
        let members = (0..<Int.random(in: 1...6, using: &random)).map { _ -> String in
            switch Int.random(in: 0..<7, using: &random) {
            case 0: "\"n\":\(space)\(number(&random))"
            case 1: "\"n\":[\(number(&random)),\(space)[\(number(&random)),null,true]]"
            case 2: "\"o\":{\"\(key(&random))\":\(number(&random)),\"b\":false\(space)}"
            case 3: "\"t\":\(text(&random))"
            case 4: "\"t\":[\(text(&random)),\(text(&random))\(space)]"
            case 5:
                "\"x\"\(space):{\"\(key(&random))\":\(text(&random)),\"\(key(&random))\":\(text(&random))}"
            default: "\"list\":[{\"id\":\(number(&random)),\"title\":\(text(&random))},{},[]]"
            }
        }
        return space + "{" + members.joined(separator: "," + space) + "}" + space
    }

    private func key(_ random: inout SeededGenerator) -> String {
        ["a", "total_price", "\\u0061b", "shop_money", "k-1"].randomElement(using: &random) ?? "a"
    }

    /// A number of any length, with or without sign, fraction and exponent.
    private func number(_ random: inout SeededGenerator) -> String {
        func digits(_ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count, using: &random)).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }.joined()
        }
        var text = random.chance(1, in: 3) ? "-" : ""
        text += random.chance(1, in: 4) ? "0" : "\(Int.random(in: 1...9, using: &random))\(digits(0...30))"
        if random.chance(1, in: 3) { text += ".\(digits(1...20))" }
        if random.chance(1, in: 5) {
            text += ["e", "E", "e+", "E-"].randomElement(using: &random) ?? "e"
            text += digits(1...4)
        }
        return text
    }

    /// A text of scalars of any plane, some of them escaped, that no rule for personal data minds.
    private func text(_ random: inout SeededGenerator) -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0...20, using: &random) {
            let range: ClosedRange<UInt32> =
                [
                    0x20...0x7E, 0xA1...0x2FF, 0x3041...0xD7FF, 0x1F300...0x1FAFF, 0x20000...0x2A6DF,
                    0x0...0x1F,
                ]
                .randomElement(using: &random) ?? 0x20...0x7E
            guard let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) else { continue }
            // Digits, signs and separators may be part of what is taken out.
            if scalar.properties.numericType != nil || "@%:+.".unicodeScalars.contains(scalar) { continue }
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || random.chance(1, in: 4) {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16, uppercase: random.chance(1, in: 2))
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
