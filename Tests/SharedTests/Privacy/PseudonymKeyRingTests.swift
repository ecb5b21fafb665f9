import Shared
import Testing

@Suite struct PseudonymKeyRingTests {
    private let first = String(repeating: "0a", count: 32)
    private let second = String(repeating: "B7", count: 40)

    private func refusal(_ text: String) -> PseudonymKeyRingError? {
        do throws(PseudonymKeyRingError) {
            _ = try PseudonymKeyRing(text: text)
            return nil
        } catch {
            return error
        }
    }

    @Test("keys are read in their order, with comments, tabs and either line end")
    func parse() throws {
        let ring = try PseudonymKeyRing(
            text: "# ours\r\n\nk1 \(first) retired # 2025\r\nk2\t\(second)  active"
        )
        #expect(ring.keys.map(\.id) == ["k1", "k2"])
        #expect(ring.keys.map(\.isActive) == [false, true])
        #expect(ring.activeKeyID == "k2")
        let again = try PseudonymKeyRing(text: ring.serialized())
        #expect(again.serialized() == ring.serialized())
    }

    @Test("a ring that can't be used is refused with the reason")
    func refusals() {
        #expect(refusal("") == .noActiveKey)
        #expect(refusal("k1 \(first) retired") == .noActiveKey)
        #expect(refusal("k1 \(first) active\nk2 \(second) active") == .severalActiveKeys)
        #expect(refusal("k1 \(first) active\nk1 \(second) retired") == .duplicateID("k1"))
        #expect(refusal("\nk1 \(first.dropLast(2)) active") == .keyTooShort(line: 2))
        for line in [
            "k1", "k1 \(first)", "k1 \(first) on", "x1 \(first) active", "k0 \(first) active",
            "k01 \(first) active",
            "k \(first) active", "k1:x \(first) active", "k1 \(first)0 active", "k1 \(first)zz active",
            "k1 \(first) active active", first,
        ] {
            #expect(refusal(line) == .malformedLine(1), "\(line.prefix(6))")
        }
    }

    @Test("neither a ring nor an error prints a key")
    func secrecy() throws {
        let ring = try PseudonymKeyRing(text: "k1 \(first) active")
        var dumped = ""
        dump(ring, to: &dumped)
        for text in ["\(ring)", String(reflecting: ring), dumped] {
            #expect(!text.contains("0a0a"))
            #expect(!text.contains("10, 10"))
        }
        let error = refusal("k1 \(first) activ")
        #expect(error.map { !"\($0)".contains("0a") } == true)
    }

    @Test("a new ring has one active key, and rotation retires it")
    func rotation() throws {
        let ring = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 32))
        #expect(ring.activeKeyID == "k1")
        let rotated = try ring.rotated(randomBytes: [UInt8](repeating: 2, count: 32))
        #expect(rotated.keys.map(\.id) == ["k1", "k2"])
        #expect(rotated.activeKeyID == "k2")
        #expect(rotated.serialized().hasPrefix(ring.serialized().replacing("active", with: "retired")))
        #expect(throws: PseudonymKeyRingError.tooFewRandomBytes) {
            try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 1, count: 31))
        }
        #expect(throws: PseudonymKeyRingError.tooFewRandomBytes) { try ring.rotated(randomBytes: []) }
    }
}
