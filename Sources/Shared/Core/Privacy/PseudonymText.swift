/// Finds pseudonyms, `h1:<key id>:<64 hex digits>`, in bytes of any form.
public enum PseudonymText {
    private static let hexCount = 64
    private static let keyDigitsMax = 6

    /// Whether the text is one pseudonym and nothing else.
    public static func isOne(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return end(of: bytes, at: 0) == bytes.count
    }

    /// Returns the pseudonyms that stand in the bytes; O(n).
    public static func all(in bytes: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        forEach(in: bytes) { found.insert(String(decoding: bytes[$0], as: UTF8.self)) }
        return found
    }

    /// Returns the bytes without these pseudonyms, or nil when none stands in them; O(n).
    ///
    /// In JSON, a string that is one of them becomes null. Inside of another text its digits become zeros, so
    /// that the text keeps its form and its length.
    public static func removing(_ pseudonyms: Set<String>, from bytes: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        var copied = 0
        forEach(in: bytes) { range in
            guard pseudonyms.contains(String(decoding: bytes[range], as: UTF8.self)) else { return }
            let quote = UInt8(ascii: "\"")
            let (before, after) = (range.lowerBound - 1, range.upperBound)
            let isString =
                before >= 0 && bytes[before] == quote && after < bytes.count && bytes[after] == quote
            if isString {
                output += bytes[copied..<before]
                output += Array("null".utf8)
                copied = after + 1
            } else {
                output += bytes[copied..<range.upperBound - hexCount]
                output += [UInt8](repeating: UInt8(ascii: "0"), count: hexCount)
                copied = range.upperBound
            }
        }
        guard copied > 0 else { return nil }
        return output + bytes[copied...]
    }

    private static func forEach(in bytes: [UInt8], _ body: (Range<Int>) -> Void) {
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "h"), let end = end(of: bytes, at: index) {
                body(index..<end)
                index = end
            } else {
                index += 1
            }
        }
    }

    private static func end(of bytes: [UInt8], at start: Int) -> Int? {
        guard start + 4 < bytes.count, bytes[start] == UInt8(ascii: "h"),
            bytes[start + 1] == UInt8(ascii: "1"),
            bytes[start + 2] == UInt8(ascii: ":"), bytes[start + 3] == UInt8(ascii: "k")
        else { return nil }
        var index = start + 4
        while index < bytes.count, 0x30...0x39 ~= bytes[index] { index += 1 }
        guard 1...keyDigitsMax ~= index - start - 4, index < bytes.count, bytes[index] == UInt8(ascii: ":")
        else { return nil }
        let end = index + 1 + hexCount
        guard end <= bytes.count else { return nil }
        let isHex = bytes[index + 1..<end].allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        return isHex ? end : nil
    }
}
