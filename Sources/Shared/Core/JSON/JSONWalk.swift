/// Receives the words of a document in their order; where there is an error, the walk ends without a last call.
protocol JSONVisitor {
    /// A key; its value follows.
    mutating func visit(key: JSONToken)
    /// A string, number, boolean or null.
    mutating func visit(scalar: JSONToken)
    /// The bracket that begins an array or object.
    mutating func begin(_ container: JSONToken)
    /// The bracket that ends the innermost container; `end` is the index behind it.
    mutating func endContainer(_ end: Int)
}

/// The grammar of RFC 8259 as a loop: one place for everyone who reads documents.
///
/// It keeps one bit of its own per level, so nesting costs no stack, and stops at the limit.
struct JSONWalk<Visitor: JSONVisitor> {
    private enum Expected {
        case value
        case key
        case elementOrEnd
        case keyOrEnd
        case commaOrEnd
    }

    private var scanner: JSONScanner
    private let depthLimit: Int
    private var isObject: ContiguousArray<Bool> = []

    private init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        scanner = JSONScanner(bytes, limits: limits)
        depthLimit = limits.depth
    }

    /// Shows the visitor the whole document.
    static func run(
        _ bytes: UnsafeRawBufferPointer,
        limits: JSONLimits,
        visitor: inout Visitor
    ) throws(JSONError) {
        guard bytes.count < 1 << 30 else { throw JSONError(.tooLarge, offset: 0) }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONError(.byteOrderMark, offset: 0)
        }
        var walk = JSONWalk(bytes, limits: limits)
        try walk.document(&visitor)
    }

    private mutating func document(_ visitor: inout Visitor) throws(JSONError) {
        _ = scanner.peek()
        if scanner.isAtEnd { throw JSONError(.empty, offset: 0) }
        var expected = Expected.value
        repeat {
            expected = try step(expected, &visitor)
        } while !isObject.isEmpty
        _ = scanner.peek()
        if !scanner.isAtEnd { throw JSONError(.trailingBytes, offset: scanner.position) }
    }

    @inline(__always)
    private mutating func step(_ expected: Expected, _ visitor: inout Visitor) throws(JSONError) -> Expected {
        let byte = scanner.peek()
        switch expected {
        case .value:
            return try value(byte, &visitor)
        case .key:
            return try key(byte, &visitor)
        case .elementOrEnd:
            return byte == UInt8(ascii: "]") ? close(&visitor) : try value(byte, &visitor)
        case .keyOrEnd:
            return byte == UInt8(ascii: "}") ? close(&visitor) : try key(byte, &visitor)
        case .commaOrEnd:
            let inObject = isObject[isObject.count - 1]
            if byte == UInt8(ascii: ",") {
                scanner.take()
                return inObject ? try key(scanner.peek(), &visitor) : .value
            }
            guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                throw scanner.unexpected()
            }
            return close(&visitor)
        }
    }

    @inline(__always)
    private mutating func value(_ byte: UInt8, _ visitor: inout Visitor) throws(JSONError) -> Expected {
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else {
            visitor.visit(scalar: try scanner.scalar(byte))
            return .commaOrEnd
        }
        guard isObject.count < depthLimit else { throw JSONError(.tooDeep, offset: scanner.position) }
        let opensObject = byte == UInt8(ascii: "{")
        let start = scanner.position
        visitor.begin(JSONToken(kind: opensObject ? .object : .array, start: start, end: start + 1))
        scanner.take()
        isObject.append(opensObject)
        return opensObject ? .keyOrEnd : .elementOrEnd
    }

    @inline(__always)
    private mutating func key(_ byte: UInt8, _ visitor: inout Visitor) throws(JSONError) -> Expected {
        guard byte == UInt8(ascii: "\"") else { throw scanner.unexpected() }
        visitor.visit(key: try scanner.string())
        guard scanner.peek() == UInt8(ascii: ":") else { throw scanner.unexpected() }
        scanner.take()
        return .value
    }

    @inline(__always)
    private mutating func close(_ visitor: inout Visitor) -> Expected {
        scanner.take()
        isObject.removeLast()
        visitor.endContainer(scanner.position)
        return .commaOrEnd
    }
}
