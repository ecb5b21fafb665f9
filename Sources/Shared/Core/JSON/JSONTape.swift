/// The words of a document as numbers: where each stands and where its successor does.
///
/// One number per word, from the top: kind (4 bits), first byte (30), length (30). A container has a second
/// number: below, the index behind its last word (32 bits); above, where the table of its keys begins in the
/// index, plus one, or 0. The words of a container follow it; a key stands before its value.
struct JSONTape: JSONVisitor {
    private(set) var words: ContiguousArray<UInt64> = []
    private var keys = JSONKeyIndex()
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

    /// Makes the tables of the larger objects, for a document that was read to its end; O(n).
    mutating func indexKeys(in bytes: UnsafeRawBufferPointer) {
        var keys = JSONKeyIndex()
        var index = 0
        while index < words.count {
            let kind = words[index] >> 60
            guard kind >= UInt64(JSONToken.Kind.array.rawValue) else {
                index += 1
                continue
            }
            if kind == UInt64(JSONToken.Kind.object.rawValue),
                let start = addTable(of: index, to: &keys, bytes)
            {
                words[index + 1] |= UInt64(start + 1) << 32
            }
            index += 2
        }
        self.keys = keys
    }

    private func addTable(
        of index: Int,
        to keys: inout JSONKeyIndex,
        _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        var count = 0
        forEachKey(ofObjectAt: index) { _, _, _ in count += 1 }
        guard JSONKeyIndex.memberCounts.contains(count) else { return nil }
        return keys.add(objectAt: index, memberCount: count, of: self, in: bytes)
    }

    /// The place of the last key of the object at the index that is this one.
    ///
    /// Without a table, most keys differ in their length already. Only the caller can tell escaped ones.
    @inline(__always)
    func place(
        of key: UnsafeRawBufferPointer,
        ofObjectAt index: Int,
        in bytes: UnsafeRawBufferPointer,
        isSameEscaped: (_ place: Int) -> Bool
    ) -> Int? {
        let table = Int(words[index + 1] >> 32)
        if table > 0 {
            return keys.place(of: key, tableAt: table - 1, of: self, in: bytes)
        }
        var found: Int?
        forEachKey(ofObjectAt: index) { place, hasEscapes, content in
            let isSame =
                hasEscapes
                ? isSameEscaped(place)
                : content.count == key.count && JSONKeyIndex.equal(bytes, from: content.lowerBound, key)
            if isSame { found = place }
        }
        return found
    }

    /// The kind of the word at the index.
    @inline(__always)
    func kind(at index: Int) -> JSONToken.Kind {
        guard let kind = JSONToken.Kind(rawValue: UInt8(words[index] >> 60)) else {
            preconditionFailure("The tape holds an unknown kind of word.")
        }
        return kind
    }

    /// The bytes between the quotes of the string or key at the index.
    @inline(__always)
    func content(at index: Int) -> Range<Int> {
        let word = words[index]
        let start = Int(word >> 30 & 0x3FFF_FFFF)
        return start &+ 1..<start &+ Int(word & 0x3FFF_FFFF) &- 1
    }

    /// The word at the index.
    func token(at index: Int) -> JSONToken {
        let word = words[index]
        let start = Int(word >> 30 & 0x3FFF_FFFF)
        return JSONToken(kind: kind(at: index), start: start, end: start + Int(word & 0x3FFF_FFFF))
    }

    /// The index behind the value at the index.
    func next(after index: Int) -> Int {
        let kind = UInt8(words[index] >> 60)
        return kind < JSONToken.Kind.array.rawValue ? index + 1 : Int(words[index + 1] & 0xFFFF_FFFF)
    }

    /// Calls with the place of each element of the array at the index.
    @inline(__always)
    func forEachElement(ofArrayAt index: Int, _ body: (_ place: Int) -> Void) {
        let end = next(after: index)
        var place = index + 2
        while place < end {
            body(place)
            place = next(after: place)
        }
    }

    /// Calls with the place of each key of the object at the index, whether it holds escapes, and its bytes.
    @inline(__always)
    func forEachKey(ofObjectAt index: Int, _ body: (_ place: Int, _ isEscaped: Bool, Range<Int>) -> Void) {
        words.withUnsafeBufferPointer { words in
            let end = Int(words[index + 1] & 0xFFFF_FFFF)
            var place = index + 2
            while place < end {
                let key = words[place]
                let start = Int(key >> 30 & 0x3FFF_FFFF)
                let isEscaped = key >> 60 == UInt64(JSONToken.Kind.escapedString.rawValue)
                // Without the quotes.
                body(place, isEscaped, start &+ 1..<start &+ Int(key & 0x3FFF_FFFF) &- 1)
                let isContainer = words[place + 1] >> 60 >= UInt64(JSONToken.Kind.array.rawValue)
                place = isContainer ? Int(words[place + 2] & 0xFFFF_FFFF) : place &+ 2
            }
        }
    }

    private static func word(_ token: JSONToken) -> UInt64 {
        UInt64(token.kind.rawValue) << 60 | UInt64(token.start) << 30 | UInt64(token.end - token.start)
    }
}
