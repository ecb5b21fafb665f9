/// The words of a document as numbers: where each stands and where its successor does.
///
/// One number per word, from the top: kind (4 bits), first byte (30), length (30). A container has a second
/// number, the index behind its last word. The words of a container follow it; a key stands before its value.
struct JSONTape: JSONVisitor {
    private(set) var words: ContiguousArray<UInt64> = []
    private var innermost = -1

    init(byteCount: Int) {
        words.reserveCapacity(byteCount / 8 + 2)
    }

    mutating func visit(key: JSONToken) {
        words.append(Self.word(key))
    }

    mutating func visit(scalar: JSONToken) {
        words.append(Self.word(scalar))
    }

    mutating func begin(_ container: JSONToken) {
        words.append(Self.word(container))
        // Until the container ends, its second number leads to the one around it.
        words.append(UInt64(bitPattern: Int64(innermost)))
        innermost = words.count - 2
    }

    mutating func endContainer(_ end: Int) {
        var token = token(at: innermost)
        token.end = end
        let outer = Int(Int64(bitPattern: words[innermost + 1]))
        words[innermost] = Self.word(token)
        words[innermost + 1] = UInt64(words.count)
        innermost = outer
    }

    /// The word at the index.
    func token(at index: Int) -> JSONToken {
        let word = words[index]
        let start = Int(word >> 30 & 0x3FFF_FFFF)
        guard let kind = JSONToken.Kind(rawValue: UInt8(word >> 60)) else {
            preconditionFailure("The tape holds an unknown kind of word.")
        }
        return JSONToken(kind: kind, start: start, end: start + Int(word & 0x3FFF_FFFF))
    }

    /// The index behind the value at the index.
    func next(after index: Int) -> Int {
        let kind = UInt8(words[index] >> 60)
        return kind < JSONToken.Kind.array.rawValue ? index + 1 : Int(words[index + 1])
    }

    /// Calls with the place of each key of the object at the index, whether it holds escapes, and its bytes.
    @inline(__always)
    func forEachKey(ofObjectAt index: Int, _ body: (_ place: Int, _ isEscaped: Bool, Range<Int>) -> Void) {
        words.withUnsafeBufferPointer { words in
            let end = Int(words[index + 1])
            var place = index + 2
            while place < end {
                let key = words[place]
                let start = Int(key >> 30 & 0x3FFF_FFFF)
                let isEscaped = key >> 60 == UInt64(JSONToken.Kind.escapedString.rawValue)
                // Without the quotes.
                body(place, isEscaped, start &+ 1..<start &+ Int(key & 0x3FFF_FFFF) &- 1)
                let isContainer = words[place + 1] >> 60 >= UInt64(JSONToken.Kind.array.rawValue)
                place = isContainer ? Int(words[place + 2]) : place &+ 2
            }
        }
    }

    private static func word(_ token: JSONToken) -> UInt64 {
        UInt64(token.kind.rawValue) << 60 | UInt64(token.start) << 30 | UInt64(token.end - token.start)
    }
}
