/// Receives the words of a document in their order; where there is an error, the walk ends without a last
/// call.
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
    private var scanner: JSONScanner
    private let depthLimit: Int
    /// For each container around the position, whether it is an object.
    private var isObject: ContiguousArray<Bool> = []
    /// Whether the innermost container has just begun, so that no comma stands in front of what follows.
    private var isFresh = false

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
        repeat {
            try value(scanner.peek(), &visitor)
        } while try seekValue(&visitor)
        _ = scanner.peek()
        if !scanner.isAtEnd { throw JSONError(.trailingBytes, offset: scanner.position) }
    }

    /// Reads a scalar, or the bracket that begins a container.
    @inline(__always)
    private mutating func value(_ byte: UInt8, _ visitor: inout Visitor) throws(JSONError) {
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else {
            return visitor.visit(scalar: try scanner.scalar(byte))
        }
        guard isObject.count < depthLimit else { throw JSONError(.tooDeep, offset: scanner.position) }
        let opensObject = byte == UInt8(ascii: "{")
        let start = scanner.position
        visitor.begin(JSONToken(kind: opensObject ? .object : .array, start: start, end: start + 1))
        scanner.take()
        isObject.append(opensObject)
        isFresh = true
    }

    /// Goes from the end of a word to the beginning of the next value; false when the document's value is
    /// complete.
    @inline(__always)
    private mutating func seekValue(_ visitor: inout Visitor) throws(JSONError) -> Bool {
        while let inObject = isObject.last {
            let byte = scanner.peek()
            if byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                scanner.take()
                isObject.removeLast()
                isFresh = false
                visitor.endContainer(scanner.position)
                continue
            }
            if isFresh {
                isFresh = false
            } else {
                guard byte == UInt8(ascii: ",") else { throw scanner.unexpected() }
                scanner.take()
            }
            if inObject { try key(&visitor) }
            return true
        }
        return false
    }

    @inline(__always)
    private mutating func key(_ visitor: inout Visitor) throws(JSONError) {
        guard scanner.peek() == UInt8(ascii: "\"") else { throw scanner.unexpected() }
        visitor.visit(key: try scanner.string())
        guard scanner.peek() == UInt8(ascii: ":") else { throw scanner.unexpected() }
        scanner.take()
    }
}
