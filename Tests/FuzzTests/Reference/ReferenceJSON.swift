/// A second reader of RFC 8259, written to be plainly right and sharing nothing with the scanner.
///
/// It goes by recursion, byte by byte, and leaves UTF-8 and UTF-16 to the standard library.
struct ReferenceJSON {
    enum Failure: Error {
        /// The bytes are no JSON.
        case grammar
        /// They exceed the depth or the length of a number.
        case limit
    }

    indirect enum Value {
        case null
        case bool(Bool)
        case number
        case string([UInt8])
        case array([Node])
        case object([Member])
    }

    /// A value and the bytes that it stands in.
    struct Node {
        var value: Value
        var raw: Range<Int>
    }

    struct Member {
        var key: [UInt8]
        var rawKey: Range<Int>
        var node: Node
    }

    private let bytes: [UInt8]
    private let depthLimit: Int
    private var place = 0

    /// Reads a document; depth and length of numbers are limited as by default in the engine.
    static func parse(_ bytes: [UInt8], depth: Int = 64) throws(Failure) -> Node {
        var reader = ReferenceJSON(bytes: bytes, depthLimit: depth)
        reader.skipSpace()
        let node = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.place == bytes.count else { throw .grammar }
        return node
    }

    private init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ text: StaticString) throws(Failure) {
        for index in 0..<text.utf8CodeUnitCount {
            guard byte == text.utf8Start[index] else { throw .grammar }
            place += 1
        }
    }

    private mutating func value(depth: Int) throws(Failure) -> Node {
        let start = place
        let value: Value
        switch byte.map({ Character(Unicode.Scalar($0)) }) {
        case "n":
            try expect("null")
            value = .null
        case "t":
            try expect("true")
            value = .bool(true)
        case "f":
            try expect("false")
            value = .bool(false)
        case "\"": value = .string(try string())
        case "[": value = .array(try array(depth: depth))
        case "{": value = .object(try object(depth: depth))
        default:
            try number()
            value = .number
        }
        return Node(value: value, raw: start..<place)
    }

    private mutating func array(depth: Int) throws(Failure) -> [Node] {
        guard depth < depthLimit else { throw .limit }
        try expect("[")
        var elements: [Node] = []
        skipSpace()
        if accept("]") { return elements }
        while true {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if accept("]") { return elements }
            try expect(",")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> [Member] {
        guard depth < depthLimit else { throw .limit }
        try expect("{")
        var members: [Member] = []
        skipSpace()
        if accept("}") { return members }
        while true {
            skipSpace()
            let start = place
            guard byte == UInt8(ascii: "\"") else { throw .grammar }
            let key = try string()
            let rawKey = start..<place
            skipSpace()
            try expect(":")
            skipSpace()
            members.append(Member(key: key, rawKey: rawKey, node: try value(depth: depth + 1)))
            skipSpace()
            if accept("}") { return members }
            try expect(",")
        }
    }

    private mutating func number() throws(Failure) {
        let start = place
        _ = accept("-")
        if accept("0") {
            if let byte, (0x30...0x39).contains(byte) { throw .grammar }
        } else {
            try digits()
        }
        if accept(".") { try digits() }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            try digits()
        }
        guard place - start <= 1_024 else { throw .limit }
    }

    private mutating func digits() throws(Failure) {
        let start = place
        while let byte, (0x30...0x39).contains(byte) { place += 1 }
        guard place > start else { throw .grammar }
    }

    /// Returns the text in UTF-8, repaired by the standard library where a surrogate stands alone.
    private mutating func string() throws(Failure) -> [UInt8] {
        try expect("\"")
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func flush(_ plain: inout [UInt8], into units: inout [UInt16]) throws(Failure) {
            guard let text = String(validating: plain, as: UTF8.self) else { throw .grammar }
            units.append(contentsOf: text.utf16)
            plain = []
        }
        while true {
            guard let byte, byte >= 0x20 else { throw .grammar }
            place += 1
            if byte == UInt8(ascii: "\"") { break }
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                continue
            }
            try flush(&plain, into: &units)
            units.append(try escape())
        }
        try flush(&plain, into: &units)
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func escape() throws(Failure) -> UInt16 {
        guard let byte else { throw .grammar }
        place += 1
        switch Character(Unicode.Scalar(byte)) {
        case "\"", "\\", "/": return UInt16(byte)
        case "b": return 8
        case "f": return 12
        case "n": return 10
        case "r": return 13
        case "t": return 9
        case "u":
            guard place + 4 <= bytes.count else { throw .grammar }
            let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
            place += 4
            guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), digits.allSatisfy(\.isASCII),
                let unit = UInt16(digits, radix: 16)
            else { throw .grammar }
            return unit
        default: throw .grammar
        }
    }
}
