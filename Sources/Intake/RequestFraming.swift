import NIOHTTP1
import Shared

/// What a request's head says about its own form, read in one pass over the headers.
struct RequestFraming {
    /// A body of this many bytes is read and thrown away rather than answered with a closed connection.
    private static let shortBody = 64 << 10

    private let isHTTP11: Bool
    private var hostCount = 0
    private var length: Int?
    private var isLengthReadable = true
    private var codings: [String] = []
    private var hasExpectation = false

    /// How the body is encoded; nil when it is as it is.
    private(set) var coding: ContentCoding?

    /// Whether the client offers another protocol, behind which NIO's parser reads no further request.
    private(set) var upgrades = false

    /// Reads a request's head.
    init(_ head: HTTPRequestHead) {
        isHTTP11 = head.version == .http1_1
        upgrades = head.method == .CONNECT
        for (name, value) in head.headers {
            // Lengths first: most names are told apart without a copy in lower case.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host": hostCount += 1
            case 6 where name.lowercased() == "expect":
                hasExpectation = hasExpectation || value.lowercased() == "100-continue"
            case 7 where name.lowercased() == "upgrade": upgrades = true
            case 14 where name.lowercased() == "content-length": takeLength(value)
            case 16 where name.lowercased() == "content-encoding":
                coding = ContentCoding.adding(value, to: coding)
            case 17 where name.lowercased() == "transfer-encoding": codings.append(value.lowercased())
            default: break
            }
        }
    }

    private mutating func takeLength(_ value: String) {
        let number = value.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(value) : nil
        if number == nil || (length != nil && length != number) { isLengthReadable = false }
        length = number
    }

    /// Why the bounds of the request can't be trusted, or nil (RFC 9112 sections 3.2 and 6).
    ///
    /// What another server on the way may have read differently is refused, rather than guessed.
    var malformation: Problem? {
        if isHTTP11, hostCount != 1 { return .malformedRequest }
        guard isLengthReadable else { return .malformedRequest }
        if codings.isEmpty { return nil }
        let isPlainChunked = codings.count == 1 && codings[0] == "chunked"
        return isPlainChunked && isHTTP11 && length == nil ? nil : .malformedRequest
    }

    /// Why a door does not take the body, or nil.
    func refusal(maxBodyBytes: Int) -> Problem? {
        if coding == .unsupported { return .unsupportedEncoding }
        guard let length else { return codings.isEmpty ? .lengthRequired : nil }
        return length > maxBodyBytes ? .tooLarge : nil
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool {
        hasExpectation && isHTTP11 && (length ?? 1) > 0
    }

    /// Whether the rest of a request that is answered already is worth reading to keep the connection.
    var isRestShort: Bool {
        !hasExpectation && codings.isEmpty && (length ?? 0) <= Self.shortBody
    }

    /// Returns the path of a request target: without its query and, of an absolute URI, the authority.
    static func path(of target: String) -> Substring {
        var path = target[...]
        if let end = path.utf8.firstIndex(of: UInt8(ascii: "?")) { path = path[..<end] }
        guard !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") else { return path }
        let rest = path[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
    }
}
