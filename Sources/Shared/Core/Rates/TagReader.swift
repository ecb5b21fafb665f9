/// Reads the tags of a small, flat XML document, strictly and within bounds.
///
/// It knows elements, attributes, comments and one XML declaration. Whatever could make a reader do more than
/// read (document types, entities, processing instructions, CDATA) is refused, so nothing expands and nothing
/// is fetched. Text between tags is skipped.
struct TagReader {
    /// A tag.
    struct Tag: Hashable {
        /// The name without its prefix.
        var name: String
        var attributes: [String: String]
        /// Whether it opens an element; otherwise it closes one.
        var isOpening: Bool
        /// Whether it opens and closes one.
        var isEmpty: Bool
    }

    /// The document can't be read.
    struct Failure: Error, Hashable {
        /// The line, from 1 on.
        var line: Int
        /// What is wrong there.
        var what: String
    }

    private static let maximumDepth = 16
    private static let maximumAttributes = 16
    private static let maximumName = 64
    private static let maximumValue = 256

    private let bytes: [UInt8]
    private var index = 0
    private var path: [[UInt8]] = []
    private var hasRoot = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        if bytes[index...].starts(with: "<?xml".utf8), let end = find("?>", from: index) { index = end + 2 }
    }

    /// The line of what is read next, from 1 on; O(bytes before).
    var line: Int { 1 + bytes[..<min(index, bytes.count)].count { $0 == UInt8(ascii: "\n") } }

    /// Returns the next tag; nil at the end of a whole document.
    mutating func next() throws(Failure) -> Tag? {
        while true {
            try skipText()
            guard index < bytes.count else {
                guard path.isEmpty, hasRoot else { throw failure("the document ends too soon") }
                return nil
            }
            guard !starts(with: "<!--") else {
                guard let end = find("-->", from: index + 4) else {
                    throw failure("a comment does not end")
                }
                index = end + 3
                continue
            }
            return try tag()
        }
    }

    /// Skips to the next `<`; outside the root only white space may stand.
    private mutating func skipText() throws(Failure) {
        while index < bytes.count, bytes[index] != UInt8(ascii: "<") {
            guard !path.isEmpty || Self.isSpace(bytes[index]) else {
                throw failure("text stands outside the document")
            }
            index += 1
        }
    }

    private mutating func tag() throws(Failure) -> Tag {
        index += 1
        let isClosing = index < bytes.count && bytes[index] == UInt8(ascii: "/")
        if isClosing { index += 1 }
        let name = try self.name()
        let attributes = isClosing ? [:] : try self.attributes()
        skipSpace()
        let isEmpty = !isClosing && index < bytes.count && bytes[index] == UInt8(ascii: "/")
        if isEmpty { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: ">") else {
            throw failure("a tag does not end")
        }
        index += 1
        if isClosing {
            guard path.popLast() == name else { throw failure("a tag closes what is not open") }
        } else {
            guard !path.isEmpty || !hasRoot else { throw failure("there is a second root") }
            hasRoot = true
            if !isEmpty { path.append(name) }
            guard path.count <= Self.maximumDepth else { throw failure("elements nest too deeply") }
        }
        let local = name.lastIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name[...]
        return Tag(
            name: String(decoding: local, as: UTF8.self),
            attributes: attributes,
            isOpening: !isClosing,
            isEmpty: isEmpty
        )
    }

    private mutating func attributes() throws(Failure) -> [String: String] {
        var attributes: [String: String] = [:]
        while true {
            let start = index
            skipSpace()
            guard index < bytes.count, bytes[index] != UInt8(ascii: ">"), bytes[index] != UInt8(ascii: "/")
            else { return attributes }
            guard index > start else { throw failure("attributes are not separated") }
            let name = String(decoding: try self.name(), as: UTF8.self)
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
                throw failure("an attribute has no value")
            }
            index += 1
            skipSpace()
            let value = try self.value()
            guard attributes.updateValue(value, forKey: name) == nil,
                attributes.count <= Self.maximumAttributes
            else { throw failure("an element has an attribute twice, or too many") }
        }
    }

    private mutating func value() throws(Failure) -> String {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "'") || bytes[index] == UInt8(ascii: "\"")
        else { throw failure("a value is not quoted") }
        let quote = bytes[index]
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != quote {
            guard bytes[index] != UInt8(ascii: "<"), bytes[index] != UInt8(ascii: "&"),
                index - start < Self.maximumValue
            else { throw failure("a value holds < or &, or is too long") }
            index += 1
        }
        guard index < bytes.count else { throw failure("a value does not end") }
        defer { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func name() throws(Failure) -> [UInt8] {
        let start = index
        while index < bytes.count, Self.isName(bytes[index], isFirst: index == start),
            index - start < Self.maximumName
        {
            index += 1
        }
        guard index > start else { throw failure("no name stands where one must") }
        return Array(bytes[start..<index])
    }

    private mutating func skipSpace() {
        while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    }

    private func starts(with text: StaticString) -> Bool {
        bytes[index...].starts(with: text.description.utf8)
    }

    private func find(_ text: String, from start: Int) -> Int? {
        let pattern = Array(text.utf8)
        guard start <= bytes.count - pattern.count else { return nil }
        return (start...(bytes.count - pattern.count)).first { bytes[$0...].starts(with: pattern) }
    }

    private func failure(_ what: String) -> Failure { Failure(line: line, what: what) }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
        case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "."): !isFirst
        default: false
        }
    }
}
