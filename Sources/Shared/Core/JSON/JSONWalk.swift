/// Receives the words of a document in their order; where there is an error, the walk ends without a last
/// call.
protocol JSONVisitor: ~Copyable {
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
/// It keeps one flag of its own per level, so nesting costs no stack, and stops at the limit. It is
/// specialised for each visitor and inlines its calls: a document is read and handled in one loop.
enum JSONWalk<Visitor: JSONVisitor & ~Copyable> {
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
        // For each container around the innermost, whether it is an object.
        let outer = UnsafeMutablePointer<Bool>.allocate(capacity: limits.depth)
        defer { outer.deallocate() }
        var scanner = JSONScanner(bytes, limits: limits)
        try document(&scanner, outer, depthLimit: limits.depth, &visitor)
        _ = scanner.peek()
        if !scanner.isAtEnd { throw JSONError(.trailingBytes, offset: scanner.position) }
    }

    @inline(__always)
    private static func document(
        _ scanner: inout JSONScanner,
        _ outer: UnsafeMutablePointer<Bool>,
        depthLimit: Int,
        _ visitor: inout Visitor
    ) throws(JSONError) {
        var depth = 0
        var inObject = false
        _ = scanner.peek()
        if scanner.isAtEnd { throw JSONError(.empty, offset: 0) }
        while true {
            let byte = scanner.peek()
            // `[` and `{` differ in this bit only.
            if byte | 0x20 == UInt8(ascii: "{") {
                let start = scanner.position
                guard depth < depthLimit else { throw JSONError(.tooDeep, offset: start) }
                outer[depth] = inObject
                depth &+= 1
                inObject = byte == UInt8(ascii: "{")
                let kind = inObject ? JSONToken.Kind.object : .array
                visitor.begin(JSONToken(kind: kind, start: start, end: start &+ 1))
                scanner.take()
                if scanner.peek() != (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if inObject { try key(&scanner, &visitor) }
                    continue
                }
            } else {
                visitor.visit(scalar: try scanner.scalar(byte))
            }
            while true {
                if depth == 0 { return }
                let byte = scanner.peek()
                if byte == UInt8(ascii: ",") { break }
                guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw scanner.unexpected(at: scanner.position)
                }
                scanner.take()
                depth &-= 1
                inObject = outer[depth]
                visitor.endContainer(scanner.position)
            }
            scanner.take()
            if inObject { try key(&scanner, &visitor) }
        }
    }

    @inline(__always)
    private static func key(_ scanner: inout JSONScanner, _ visitor: inout Visitor) throws(JSONError) {
        guard scanner.peek() == UInt8(ascii: "\"") else { throw scanner.unexpected(at: scanner.position) }
        visitor.visit(key: try scanner.string())
        guard scanner.peek() == UInt8(ascii: ":") else { throw scanner.unexpected(at: scanner.position) }
        scanner.take()
    }
}
