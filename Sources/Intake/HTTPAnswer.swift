import NIOCore
import NIOHTTP1
import Shared

/// A complete HTTP/1.1 answer, ready to be written.
struct HTTPAnswer {
    /// The status line's code.
    var status: Int
    /// Type of the body.
    var contentType: StaticString
    /// The body.
    var body: [UInt8]
    /// Further header lines, each ending in CRLF.
    var extraHeaders = ""
    /// Whether the connection ends after it.
    var closes = false

    /// The answer to an accepted webhook.
    static func accepted(id: String) -> HTTPAnswer {
        var writer = JSONWriter(capacity: 64)
        writer.object { writer in
            writer.key("id")
            writer.append(string: id)
            writer.key("status")
            writer.append(string: "queued")
        }
        return HTTPAnswer(status: 202, contentType: "application/json", body: writer.bytes)
    }

    /// A plain text.
    static func text(_ text: String, status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// A problem document, RFC 9457.
    static func problem(_ problem: Problem, closes: Bool = false) -> HTTPAnswer {
        HTTPAnswer(
            status: problem.status,
            contentType: "application/problem+json",
            body: problem.encoded(),
            // A provider that is told when to come back does not give up on us.
            extraHeaders: problem.status == 503 ? "retry-after: 2\r\n" : "",
            closes: closes
        )
    }

    /// Writes status line, headers and body.
    ///
    /// - Parameters:
    ///   - buffer: Where to.
    ///   - date: The `Date` header's value.
    ///   - keepAlive: Whether the client wants to go on with the connection.
    ///   - isHead: Whether the request was HEAD, whose answer has no body.
    func write(into buffer: inout ByteBuffer, date: String, keepAlive: Bool, isHead: Bool) {
        let reason = HTTPResponseStatus(statusCode: status).reasonPhrase
        buffer.writeString("HTTP/1.1 \(status) \(reason)\r\ncontent-type: ")
        buffer.writeStaticString(contentType)
        buffer.writeString("\r\ncontent-length: \(body.count)\r\ndate: \(date)\r\n")
        buffer.writeString(extraHeaders)
        buffer.writeString(keepAlive && !closes ? "\r\n" : "connection: close\r\n\r\n")
        if !isHead { buffer.writeBytes(body) }
    }
}
