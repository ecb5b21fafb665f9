/// Reads one head, line by line, as its bytes arrive; no byte is looked for twice.
///
/// RFC 9112, read strictly: lines end in CRLF, one space stands between the parts of the request line, no
/// space before a colon, no line continues another, and there are no control bytes.
struct HTTPHeadParser: Sendable {
    /// How far a head is.
    enum Progress {
        /// Its end has not arrived.
        case incomplete
        /// It is in ``HTTPHeadParser/head``.
        case complete
        /// It can't be read.
        case failed(HTTPFailure)
    }

    /// `GET`, the spaces, `HTTP/1.1`: what a request line may be longer than its target.
    private static let requestLineRest = 64

    /// What has been read.
    private(set) var head = HTTPHead()
    private let limits: HTTPLimits
    private var lineStart = 0
    private var scanned = 0
    private var hasRequestLine = false

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Begins another head; the memory of the last one is used again.
    mutating func reset() {
        head.fields.removeAll(keepingCapacity: true)
        head.byteCount = 0
        lineStart = 0
        scanned = 0
        hasRequestLine = false
    }

    /// Reads on; `bytes` begin where the head does, and hold what they held the last time.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) -> Progress {
        // A client of another protocol waits for a word of ours: tell it before a line is complete.
        if let first = bytes.first, !HTTPBytes.isMethod(first), first != HTTPBytes.carriageReturn {
            return .failed(.malformed)
        }
        while let lineFeed = HTTPBytes.lineFeed(in: bytes, from: scanned) {
            scanned = lineFeed + 1
            let line = lineStart..<max(lineStart, lineFeed - 1)
            guard line.count <= lineLimit, scanned <= limits.headBytes else { return .failed(.tooLarge) }
            guard lineFeed > lineStart, bytes[lineFeed - 1] == HTTPBytes.carriageReturn else {
                return .failed(.malformed)
            }
            if line.isEmpty, hasRequestLine {
                head.byteCount = scanned
                return .complete
            }
            if let failure = take(line, in: bytes) { return .failed(failure) }
            lineStart = scanned
        }
        scanned = bytes.count
        // One byte more may be the carriage return of a line that is just long enough.
        let isTooLarge = scanned - lineStart > lineLimit + 1 || scanned >= limits.headBytes
        return isTooLarge ? .failed(.tooLarge) : .incomplete
    }

    private var lineLimit: Int {
        hasRequestLine ? limits.lineBytes : limits.lineBytes + Self.requestLineRest
    }

    private mutating func take(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) -> HTTPFailure? {
        if hasRequestLine {
            guard head.fields.count < limits.fields else { return .tooLarge }
            guard let field = HTTPBytes.field(in: bytes, line: line) else { return .malformed }
            head.fields.append(field)
            return nil
        }
        // Empty lines before a request are skipped, RFC 9112 section 2.2; they count as bytes of the head.
        if line.isEmpty { return nil }
        guard takeRequestLine(line, in: bytes) else { return .malformed }
        hasRequestLine = true
        return nil
    }

    private mutating func takeRequestLine(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Bool {
        var end = line.lowerBound
        while end < line.upperBound, HTTPBytes.isMethod(bytes[end]) { end += 1 }
        guard end > line.lowerBound, end < line.upperBound, bytes[end] == HTTPBytes.space else {
            return false
        }
        let method = line.lowerBound..<end
        let start = end + 1
        end = start
        while end < line.upperBound, HTTPBytes.isTarget(bytes[end]) { end += 1 }
        guard end > start, end < line.upperBound, bytes[end] == HTTPBytes.space else { return false }
        let version = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)..<line.upperBound])
        head.isHTTP11 = HTTPBytes.isSame(version, "HTTP/1.1")
        guard head.isHTTP11 || HTTPBytes.isSame(version, "HTTP/1.0") else { return false }
        head.method = RequestMethod(UnsafeRawBufferPointer(rebasing: bytes[method]))
        head.target = start..<end
        return true
    }
}
