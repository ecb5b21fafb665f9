/// What a request's head says about its own form, read in one pass over the fields.
public struct RequestFraming: Hashable, Sendable {
    /// A body of this many bytes is read and thrown away rather than answered with a closed connection.
    private static let shortBody = 64 << 10

    private let isHTTP11: Bool
    private var hostCount = 0
    private var isLengthReadable = true
    private var codingCount = 0
    private var hasExpectation = false
    private var closes = false
    private var keeps = false

    /// The body's length as `Content-Length` says it; nil without that.
    public private(set) var length: Int?
    /// Whether the body comes in chunks.
    public private(set) var isChunked = false
    /// How the body is encoded; nil when it is as it is.
    public private(set) var coding: ContentCoding?
    /// Whether the client offers another protocol, behind which no further request is read.
    public private(set) var upgrades = false

    /// Reads a request's head; `bytes` are those that it was read from.
    public init(_ head: HTTPHead, in bytes: UnsafeRawBufferPointer) {
        isHTTP11 = head.isHTTP11
        upgrades = head.method == .connect
        for field in head.fields {
            let name = bytes[field.name]
            // Lengths first: most names are told apart without a look at their letters.
            switch name.count {
            case 4 where HTTPBytes.equal(name, "host"): hostCount += 1
            case 6 where HTTPBytes.equal(name, "expect"):
                hasExpectation = hasExpectation || HTTPBytes.equal(bytes[field.value], "100-continue")
            case 7 where HTTPBytes.equal(name, "upgrade"): upgrades = true
            case 10 where HTTPBytes.equal(name, "connection"): takeConnection(bytes[field.value])
            case 14 where HTTPBytes.equal(name, "content-length"):
                takeLength(bytes[field.value], endsLine: Self.endsLine(field, in: bytes))
            case 16 where HTTPBytes.equal(name, "content-encoding"):
                coding = ContentCoding.adding(bytes[field.value], to: coding)
            case 17 where HTTPBytes.equal(name, "transfer-encoding"):
                codingCount += 1
                isChunked =
                    HTTPBytes.equal(bytes[field.value], "chunked") && Self.endsLine(field, in: bytes)
            default: break
            }
        }
    }

    /// Whether no white space stands behind a value: that has hidden values from some readers.
    private static func endsLine(_ field: HeadField, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes[field.value.upperBound] == HTTPBytes.carriageReturn
    }

    private mutating func takeLength(_ value: Slice<UnsafeRawBufferPointer>, endsLine: Bool) {
        // A second length is refused even when it is the same: somebody on the way added it.
        guard endsLine, length == nil, isLengthReadable, let number = Self.number(value) else {
            isLengthReadable = false
            return
        }
        length = number
    }

    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int? {
        // Eighteen digits always fit.
        guard (1...18).contains(digits.count) else { return nil }
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return number
    }

    private mutating func takeConnection(_ value: Slice<UnsafeRawBufferPointer>) {
        for option in HTTPBytes.elements(of: value) {
            closes = closes || HTTPBytes.equal(option, "close")
            keeps = keeps || HTTPBytes.equal(option, "keep-alive")
        }
    }

    /// Whether the bounds of the request can't be trusted (RFC 9112 sections 3.2 and 6).
    ///
    /// What another server on the way may have read differently is refused, rather than guessed.
    public var isAmbiguous: Bool {
        if hostCount > 1 || (isHTTP11 && hostCount == 0) || !isLengthReadable { return true }
        if codingCount == 0 { return false }
        return !(codingCount == 1 && isChunked && isHTTP11 && length == nil)
    }

    /// Whether the client takes another answer on this connection (RFC 9112 section 9.3).
    public var isKeepAlive: Bool {
        !closes && !upgrades && (isHTTP11 || keeps)
    }

    /// Why a door does not take the body, or nil.
    public func refusal(maxBodyBytes: Int) -> Problem? {
        if coding == .unsupported { return .unsupportedEncoding }
        guard let length else { return isChunked ? nil : .lengthRequired }
        return length > maxBodyBytes ? .tooLarge : nil
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool {
        hasExpectation && isHTTP11 && (length ?? 1) > 0
    }

    /// Whether the rest of a request that is answered already is worth reading to keep the connection.
    public var isRestShort: Bool {
        !hasExpectation && !isChunked && (length ?? 0) <= Self.shortBody
    }

    /// Returns the path of a request target: without its query and, of an absolute URI, the authority.
    public static func path(of target: String) -> Substring {
        var path = target[...]
        if let end = path.utf8.firstIndex(of: UInt8(ascii: "?")) { path = path[..<end] }
        guard !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") else { return path }
        let rest = path[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }
}
