import TestSupport
import Testing

@testable import Shared

@Suite("Token rules")
struct TokenRulesTests {
    private func isToken(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { TokenRules.isToken($0) } }
    private func isPlainKey(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { TokenRules.isPlainKey($0) } }

    @Test("every byte is judged the same at every place of every length")
    func bytesAndPlaces() {
        let inToken = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._:/#+-".utf8)
        let inKey = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-$".utf8)
        for length in 1...40 {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: UInt8(ascii: "z"), count: length)
                    text[place] = byte
                    let startsNumber = place == 0 && byte == UInt8(ascii: "+")
                    // One letter or digit among letters is no address and no IBAN.
                    if isToken(text) != (inToken.contains(byte) && !startsNumber) {
                        Issue.record("Byte \(byte) at \(place) of \(length) is judged wrongly as a token.")
                    }
                    if isPlainKey(text) != inKey.contains(byte) {
                        Issue.record("Byte \(byte) at \(place) of \(length) is judged wrongly as a key.")
                    }
                }
            }
        }
    }

    @Test("a key has at most six digits and 64 bytes")
    func keys() {
        #expect(isPlainKey(Array("line_1_2_3_4_5_6".utf8)))
        #expect(!isPlainKey(Array("line_1_2_3_4_5_6_7".utf8)))
        #expect(isPlainKey([UInt8](repeating: UInt8(ascii: "k"), count: 64)))
        #expect(!isPlainKey([UInt8](repeating: UInt8(ascii: "k"), count: 65)))
        #expect(!isPlainKey([]))
    }

    @Test("addresses are no tokens, amounts and times are")
    func addresses() {
        for text in ["1.2.3.4", "192.168.100.200", "::1", "fe80::1", "00:11:22:33:44:55"] {
            #expect(!isToken(Array(text.utf8)), "\(text)")
        }
        // A global id ends in the number of a thing; these are none.
        for text in ["gid://shopify/Customer/+905321112233", "gid://shopify/Customer/81.214.77.13"] {
            #expect(!isToken(Array(text.utf8)), "\(text)")
        }
        #expect(isToken(Array("gid://shopify/Order/05321112233".utf8)))
        #expect(!isToken(Array("00905321112233".utf8)))
        for text in ["", "1.2.3", "1234567.89", "12:34:56", "2026-11-23T10:00:00+03:00", "a.b.c.d.e"] {
            #expect(isToken(Array(text.utf8)), "\(text)")
        }
    }
}
