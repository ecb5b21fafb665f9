/// Reads the parts of a `multipart/form-data` body (RFC 7578), one after the other, in linear time.
///
/// A boundary holds no CR, so a failed comparison never looks at a byte that a later one could begin with.
struct MultipartParser {
    private let body: UnsafeRawBufferPointer
    private let delimiter: [UInt8]
    private var index = 0
    private var hasBegun = false
    /// Whether the closing delimiter was reached.
    private(set) var isComplete = false

    /// Creates a parser at the start of the body.
    init(body: UnsafeRawBufferPointer, boundary: [UInt8]) {
        self.body = body
        delimiter = Array("\r\n--".utf8) + boundary
    }

    /// The boundary that a content type names, 1 to 70 bytes (RFC 2046), or nil.
    static func boundary(in contentType: String) -> [UInt8]? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == "boundary" else {
                continue
            }
            var value = pair[1]
            while value.last == " " { value.removeLast() }
            if value.count >= 2, value.first == "\"", value.last == "\"" {
                value = value.dropFirst().dropLast()
            }
            return valid(Array(value.utf8))
        }
        return nil
    }

    /// The boundary that the first line of a body names, or nil.
    static func sniffBoundary(of body: UnsafeRawBufferPointer) -> [UInt8]? {
        valid(Array(body.dropFirst(2).prefix(72).prefix { $0 != 0x0D && $0 != 0x0A }))
    }

    private static func valid(_ boundary: [UInt8]) -> [UInt8]? {
        let isPrintable = boundary.allSatisfy { (0x20...0x7E).contains($0) }
        return (1...70).contains(boundary.count) && isPrintable ? boundary : nil
    }

    /// The next part; nil at the end, or where the body stops being multipart.
    mutating func next() -> (name: [UInt8], value: [UInt8])? {
        if !hasBegun {
            hasBegun = true
            // The first delimiter needs no line break before it.
            let isAtStart = body.starts(with: delimiter.dropFirst(2))
            guard isAtStart || find(delimiter) != nil else { return nil }
            if isAtStart { index = delimiter.count - 2 }
        }
        if isAt("--") {
            isComplete = true
            return nil
        }
        skipToLineEnd()
        guard let headers = find(Array("\r\n\r\n".utf8)) else { return nil }
        guard let value = find(delimiter) else { return nil }
        return (Self.name(in: body[headers]), Array(body[value]))
    }

    /// Moves behind the next occurrence and returns what lay before it; nil when there is none.
    private mutating func find(_ pattern: [UInt8]) -> Range<Int>? {
        let start = index
        var place = index
        while place + pattern.count <= body.count {
            var matched = 0
            while matched < pattern.count, body[place + matched] == pattern[matched] { matched += 1 }
            if matched == pattern.count {
                index = place + matched
                return start..<place
            }
            place += 1
        }
        return nil
    }

    private func isAt(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { body[index...].starts(with: $0) }
    }

    /// Skips the padding behind a delimiter; the line break stays, for headers begin with one in this
    /// reading.
    private mutating func skipToLineEnd() {
        while index < body.count, body[index] == 0x20 || body[index] == 0x09 { index += 1 }
    }

    /// The `name` parameter of the Content-Disposition among the headers of a part; empty when there is none.
    private static func name(in headers: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        let text = String(decoding: headers.prefix(4_096), as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline)
        where line.lowercased().hasPrefix("content-disposition:") {
            for parameter in line.split(separator: ";").dropFirst() {
                let pair = parameter.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == "name" else {
                    continue
                }
                return pair[1].utf8.filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: " ") }
            }
        }
        return []
    }
}
