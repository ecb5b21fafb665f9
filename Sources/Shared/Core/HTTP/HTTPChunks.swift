/// Finds the data in a chunked body, RFC 9112 section 7.1; extensions and trailers are checked and dropped.
struct HTTPChunks: Sendable {
    /// What comes next in a body.
    enum Step: Hashable {
        /// More bytes are needed; so many need not be shown again.
        case more(consumed: Int)
        /// Data of the body.
        case data(Range<Int>)
        /// The body has ended after so many bytes.
        case end(consumed: Int)
        /// It can't be read.
        case failed(HTTPFailure)
    }

    private enum Place: Hashable {
        case size
        case data(left: Int)
        case dataEnd
        case trailer
    }

    /// Bytes of the line before a chunk: a size and, in theory, extensions that nobody here understands.
    private static let sizeLineBytes = 256

    private let limits: HTTPLimits
    private var place = Place.size
    private var scanned = 0
    private var trailerBytes = 0
    private var trailerFields = 0

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Reads on; `bytes` begin behind what was consumed.
    mutating func next(_ bytes: UnsafeRawBufferPointer) -> Step {
        var start = 0
        while true {
            switch place {
            case .data(let left):
                guard start < bytes.count else { return .more(consumed: start) }
                let range = start..<start + min(left, bytes.count - start)
                place = range.count == left ? .dataEnd : .data(left: left - range.count)
                return .data(range)
            case .dataEnd:
                if start < bytes.count, bytes[start] != HTTPBytes.carriageReturn {
                    return .failed(.malformed)
                }
                guard start + 1 < bytes.count else { return .more(consumed: start) }
                guard bytes[start + 1] == HTTPBytes.lineFeed else { return .failed(.malformed) }
                start += 2
                place = .size
            case .size, .trailer:
                let limit =
                    place == .size
                    ? Self.sizeLineBytes : min(limits.lineBytes, limits.headBytes - trailerBytes)
                guard let lineFeed = HTTPBytes.lineFeed(in: bytes, from: start + scanned) else {
                    scanned = bytes.count - start
                    guard scanned <= limit + 1 else {
                        return .failed(place == .size ? .malformed : .tooLarge)
                    }
                    return .more(consumed: start)
                }
                scanned = 0
                let line = start..<max(start, lineFeed - 1)
                guard line.count <= limit else { return .failed(place == .size ? .malformed : .tooLarge) }
                guard lineFeed > start, bytes[lineFeed - 1] == HTTPBytes.carriageReturn else {
                    return .failed(.malformed)
                }
                start = lineFeed + 1
                if place == .trailer, line.isEmpty { return .end(consumed: start) }
                if let failure = take(line, in: bytes) { return .failed(failure) }
            }
        }
    }

    private mutating func take(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) -> HTTPFailure? {
        if place == .trailer {
            trailerBytes += line.count + 2
            trailerFields += 1
            guard trailerFields <= limits.fields, trailerBytes <= limits.headBytes else { return .tooLarge }
            guard let field = HTTPBytes.field(in: bytes, line: line) else { return .malformed }
            return Self.isFraming(bytes[field.name]) ? .malformed : nil
        }
        guard let size = Self.size(in: bytes, line: line) else { return .malformed }
        place = size == 0 ? .trailer : .data(left: size)
        return nil
    }

    /// Whether a field would change the bounds of the request that it trails, RFC 9110 section 6.5.1.
    private static func isFraming(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
        HTTPBytes.equal(name, "content-length") || HTTPBytes.equal(name, "transfer-encoding")
            || HTTPBytes.equal(name, "host")
    }

    private static func size(in bytes: UnsafeRawBufferPointer, line: Range<Int>) -> Int? {
        var size = 0
        var end = line.lowerBound
        while end < line.upperBound, let digit = hexDigit(bytes[end]) {
            guard size < 1 << 56 else { return nil }
            size = size << 4 | digit
            end += 1
        }
        guard end > line.lowerBound else { return nil }
        return areExtensions(in: bytes, end..<line.upperBound) ? size : nil
    }

    /// Whether bytes are nothing, or `;name`, `;name=token` and `;name="text"`, without white space.
    private static func areExtensions(in bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        func skipToken() -> Bool {
            let start = index
            while index < range.upperBound, HTTPBytes.isToken(bytes[index]) { index += 1 }
            return index > start
        }
        func skip(_ mark: UInt8) -> Bool {
            guard index < range.upperBound, bytes[index] == mark else { return false }
            index += 1
            return true
        }
        while index < range.upperBound {
            guard skip(UInt8(ascii: ";")), skipToken() else { return false }
            guard skip(UInt8(ascii: "=")) else { continue }
            if skipToken() { continue }
            guard skip(UInt8(ascii: "\"")) else { return false }
            while index < range.upperBound, bytes[index] != UInt8(ascii: "\"") {
                // A mark that is escaped could end the text for another reader.
                guard HTTPBytes.isValue(bytes[index]), bytes[index] != UInt8(ascii: "\\") else {
                    return false
                }
                index += 1
            }
            guard skip(UInt8(ascii: "\"")) else { return false }
        }
        return true
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x41 + 10)
        case 0x61...0x66: Int(byte - 0x61 + 10)
        default: nil
        }
    }
}
