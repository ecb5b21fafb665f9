import Testing

@testable import Shared

@Suite("JSON in blocks")
struct JSONBlockTests {
    @Test("a string is read the same wherever it begins and ends and whatever stands where in it")
    func strings() throws {
        for before in 0..<18 {
            for length in 0..<36 {
                for place in 0..<max(length, 1) {
                    for part in ["", "ü", "\\n", "\\u0041"] where length > 0 || part.isEmpty {
                        var text = String(repeating: "x", count: place) + part
                        text += String(repeating: "x", count: length - place)
                        let line = "[" + String(repeating: " ", count: before) + "\"\(text)\"]"
                        let expected = text.replacing("\\n", with: "\n").replacing("\\u0041", with: "A")
                        let value = try JSONDocument(Array(line.utf8)).root[0].string
                        if value != expected { Issue.record("\(line) is read as \(value ?? "nothing").") }
                    }
                }
            }
        }
    }

    @Test("a byte that may not stand in a string is found at every place, with its offset")
    func badBytes() {
        for length in 1..<36 {
            for place in 0..<length {
                for (byte, code) in [
                    (0x00, .controlCharacter), (0x1F, .controlCharacter), (0x80, .invalidUTF8),
                    (0xFF, .invalidUTF8),
                ] as [(UInt8, JSONError.Code)] {
                    var bytes = Array("\"\(String(repeating: "x", count: length))\"".utf8)
                    bytes[place + 1] = byte
                    #expect(throws: JSONError(code, offset: place + 1)) { try JSONDocument(bytes) }
                }
            }
        }
    }

    @Test("a string that does not end is found, whatever its length")
    func openStrings() {
        for length in 0..<36 {
            let bytes = Array("\"\(String(repeating: "x", count: length))".utf8)
            #expect(throws: JSONError(.unexpectedEnd, offset: bytes.count)) { try JSONDocument(bytes) }
        }
    }
}
