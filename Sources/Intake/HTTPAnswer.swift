import NIOCore
import NIOHTTP1
import Shared

/// A complete HTTP/1.1 answer, ready to be written.
struct HTTPAnswer {
    /// What becomes of the connection after an answer.
    enum Persistence {
        /// It goes on; HTTP/1.1 takes that for granted.
        case implied
        /// It goes on, and an HTTP/1.0 client has to be told.
        case stated
        /// It ends.
        case ends
    }

    /// What an answer says.
    enum Body {
        /// Bytes.
        case bytes([UInt8])
        /// Bytes that are the same for many; they are written behind the answer's head, without a copy.
        case shared(ByteBuffer)
        /// The JSON of an accepted webhook: its id, and what became of it.
        case receipt(id: String, isSpooled: Bool)
    }

    /// The status line's code.
    var status: Int
    /// Type of the body.
    var contentType: StaticString
    /// The body.
    var body: Body
    /// Further header lines, each ending in CRLF.
    var extraHeaders = ""
    /// Whether the connection ends after it.
    var closes = false

    /// The answer to an accepted webhook.
    static func accepted(id: String, isSpooled: Bool = false) -> HTTPAnswer {
        HTTPAnswer(
            status: 202,
            contentType: "application/json",
            body: .receipt(id: id, isSpooled: isSpooled)
        )
    }

    /// A plain text.
    static func text(_ text: String, status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
    }

    /// Metrics.
    static func metrics(_ text: ByteBuffer) -> HTTPAnswer {
        HTTPAnswer(
            status: 200,
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: .shared(text)
        )
    }

    /// A problem document, RFC 9457.
    static func problem(_ problem: Problem, closes: Bool = false) -> HTTPAnswer {
        HTTPAnswer(
            status: problem.status,
            contentType: "application/problem+json",
            body: .bytes(problem.encoded()),
            extraHeaders: extraHeaders(of: problem.status),
            closes: closes
        )
    }

    private static func extraHeaders(of status: Int) -> String {
        switch status {
        // What would have been decoded (RFC 9110 section 15.5.16).
        case 415: "accept-encoding: gzip, deflate\r\n"
        // A provider that is told when to come back does not give up on us.
        case 503: "retry-after: 2\r\n"
        default: ""
        }
    }

    /// The problem of a wrong method, with the methods that the path takes.
    static func methodNotAllowed(allow: StaticString) -> HTTPAnswer {
        var answer = HTTPAnswer.problem(.methodNotAllowed)
        answer.extraHeaders = "allow: \(allow)\r\n"
        return answer
    }

    /// The same answer, after which the connection ends.
    func closing() -> HTTPAnswer {
        var copy = self
        copy.closes = true
        return copy
    }

    /// Writes status line, headers and, unless it is shared, the body.
    ///
    /// - Parameters:
    ///   - buffer: Where to.
    ///   - lead: What all answers of this second share.
    ///   - persistence: What becomes of the connection.
    ///   - isHead: Whether the request was HEAD, whose answer has no body.
    func write(into buffer: inout ByteBuffer, lead: AnswerLead, persistence: Persistence, isHead: Bool) {
        // The one answer that counts in time.
        if case .receipt(let id, let isSpooled) = body, persistence == .implied, !isHead,
            lead.write(receiptOf: id, isSpooled: isSpooled, into: &buffer)
        {
            return
        }
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        buffer.writeString("HTTP/1.1 \(status) \(reason)\r\ncontent-type: \(contentType)")
        buffer.writeStaticString("\r\ncontent-length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString("\r\ndate: ")
        buffer.writeString(lead.date)
        buffer.writeStaticString("\r\n")
        if !extraHeaders.isEmpty { buffer.writeString(extraHeaders) }
        switch persistence {
        case .implied: buffer.writeStaticString("\r\n")
        case .stated: buffer.writeStaticString("connection: keep-alive\r\n\r\n")
        case .ends: buffer.writeStaticString("connection: close\r\n\r\n")
        }
        if !isHead { body.write(into: &buffer) }
    }
}

extension HTTPAnswer.Body {
    /// Its length in bytes.
    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .shared(let buffer): buffer.readableBytes
        case .receipt(let id, let isSpooled): Receipt.count(idCount: id.utf8.count, isSpooled: isSpooled)
        }
    }

    /// Writes it unless it is shared.
    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .bytes(let bytes): buffer.writeBytes(bytes)
        case .shared: break
        case .receipt(let id, let isSpooled):
            buffer.writeStaticString(Receipt.start)
            buffer.writeString(id)
            buffer.writeStaticString(Receipt.end(isSpooled: isSpooled))
        }
    }
}

/// `{"id":"…","status":"queued"}`; an id is a ULID, whose digits need no escaping.
private enum Receipt {
    static let start: StaticString = #"{"id":""#
    private static let queued: StaticString = #"","status":"queued"}"#
    private static let spooled: StaticString = #"","status":"spooled"}"#

    static func end(isSpooled: Bool) -> StaticString { isSpooled ? spooled : queued }

    static func count(idCount: Int, isSpooled: Bool) -> Int {
        start.utf8CodeUnitCount + idCount + end(isSpooled: isSpooled).utf8CodeUnitCount
    }
}

/// What the answers of one second share.
struct AnswerLead {
    /// Digits of a ULID, which every receipt holds.
    private static let idCount = 26

    /// The `Date` header's value.
    let date: String
    private let queued: [UInt8]
    private let spooled: [UInt8]

    /// Puts together what stands in front of a receipt's id.
    init(date: String) {
        func bytes(isSpooled: Bool) -> [UInt8] {
            let count = Receipt.count(idCount: Self.idCount, isSpooled: isSpooled)
            return Array(
                "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: \(count)\r\n".utf8
            ) + Array("date: \(date)\r\n\r\n\(Receipt.start)".utf8)
        }
        self.date = date
        queued = bytes(isSpooled: false)
        spooled = bytes(isSpooled: true)
    }

    /// Writes the whole answer to an accepted webhook; returns false when its id has not the usual length.
    func write(receiptOf id: String, isSpooled: Bool, into buffer: inout ByteBuffer) -> Bool {
        guard id.utf8.count == Self.idCount else { return false }
        buffer.writeBytes(isSpooled ? spooled : queued)
        buffer.writeString(id)
        buffer.writeStaticString(Receipt.end(isSpooled: isSpooled))
        return true
    }
}
