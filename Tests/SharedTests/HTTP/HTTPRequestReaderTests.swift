import TestSupport
import Testing

@testable import Shared

@Suite("Reading of HTTP requests") struct HTTPRequestReaderTests {
    private static let post = "POST /a HTTP/1.1\r\nhost: a\r\n"
    private static let chunked = post + "transfer-encoding: chunked\r\n\r\n"

    @Test("reads head, body and end of requests that follow each other")
    func requests() {
        let bytes =
            Self.post + "X-A:\t b c \r\ncontent-length: 3\r\n\r\n{ }"
            + Self.chunked + "2;x=y\r\n{}\r\n00A\r\n0123456789\r\n0\r\nx-t: 1\r\n\r\n"
            + "\r\nGET /b?c HTTP/1.0\r\n\r\n"
        let read = ReadRequests(Array(bytes.utf8), pieces: [])
        #expect(read.failure == nil && read.rest == 0)
        #expect(
            read.requests == [
                .init(head: "post /a 1.1", fields: ["host=a", "x-a=b c", "content-length=3"], body: "{ }"),
                .init(
                    head: "post /a 1.1",
                    fields: ["host=a", "transfer-encoding=chunked"],
                    body: "{}0123456789"
                ),
                .init(head: "get /b?c 1.0", fields: [], body: ""),
            ]
        )
    }

    @Test(
        "refuses what has more than one reading",
        arguments: [
            "GET  / HTTP/1.1\r\nhost: a\r\n\r\n", "GET /\tHTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.2\r\nhost: a\r\n\r\n", "GET / http/1.1\r\nhost: a\r\n\r\n",
            "get / HTTP/1.1\r\nhost: a\r\n\r\n", "GET /\u{e4} HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\nhost: a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n\n", "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\n\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", "GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n",
            "GET / HTTP/1.1\r\nhost : a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\u{0}\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\u{7f}\r\n\r\n", "\u{16}\u{3}\u{1}", " GET", "\n",
            post + "content-length: 1\r\ncontent-length: 1\r\n\r\n1",
            post + "content-length: +1\r\n\r\n1", post + "content-length: 1,1\r\n\r\n1",
            post + "content-length:\r\n\r\n", post + "content-length: 9999999999999999999\r\n\r\n",
            post + "content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            post + "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            post + "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
            post + "transfer-encoding: chunked\t\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            chunked + "\r\n", chunked + "x\r\n", chunked + "0x1\r\n1\r\n0\r\n\r\n",
            chunked + "1 \r\n1\r\n0\r\n\r\n",
            chunked + "-1\r\n", chunked + "1\n1\r\n0\r\n\r\n", chunked + "1\r\n1\n0\r\n\r\n",
            chunked + "1\r\n11\r\n",
            chunked + "10000000000000000\r\n", chunked + "0;\u{0}\r\n\r\n",
            chunked + "0\r\ncontent-length: 1\r\n\r\n",
            chunked + "0\r\nx: 1\n\r\n", chunked + "0\r\n x: 1\r\n\r\n", chunked + "0\r\n\n",
        ]
    )
    func malformed(_ text: String) {
        #expect(ReadRequests(Array(text.utf8), pieces: []).failure == .malformed)
    }

    @Test("bounds lines, heads, fields and trailers, also before they are complete")
    func tooLarge() {
        let limits = HTTPLimits(lineBytes: 100, headBytes: 1_000, fields: 10)
        func failure(_ text: String) -> HTTPFailure? {
            ReadRequests(Array(text.utf8), pieces: [], limits: limits).failure
        }
        func xs(_ count: Int) -> String { String(repeating: "x", count: count) }
        #expect(failure(Self.post + "x:" + xs(98) + "\r\n\r\n") == nil)
        #expect(failure(Self.post + "x:" + xs(99) + "\r\n\r\n") == .tooLarge)
        #expect(failure(Self.post + "x:" + xs(98) + "\r") == nil)
        #expect(failure(Self.post + "x:" + xs(100)) == .tooLarge)
        #expect(failure("GET /" + xs(300)) == .tooLarge)
        #expect(failure(Self.post + String(repeating: "x: y\r\n", count: 9) + "\r\n") == nil)
        #expect(failure(Self.post + String(repeating: "x: y\r\n", count: 10) + "\r\n") == .tooLarge)
        #expect(failure(Self.post + String(repeating: "x:\(xs(95))\r\n", count: 10)) == .tooLarge)
        #expect(failure(String(repeating: "\r\n", count: 500)) == .tooLarge)
        #expect(failure(Self.chunked + "0\r\n" + String(repeating: "x: y\r\n", count: 11)) == .tooLarge)
        #expect(failure(Self.chunked + "0\r\nx:" + xs(200)) == .tooLarge)
        #expect(failure(Self.chunked + "1;" + xs(300)) == .malformed)
    }

    @Test("says when the connection ends after a request")
    func keepAlive() {
        func isKept(_ line: String, _ version: String = "1.1") -> Bool {
            let text = "GET / HTTP/\(version)\r\nhost: a\r\n\(line)\r\n"
            var reader = HTTPRequestReader()
            _ = Array(text.utf8).withUnsafeBytes { reader.next($0) }
            return reader.framing.isKeepAlive
        }
        #expect(isKept("") && !isKept("", "1.0"))
        #expect(!isKept("Connection: Close\r\n") && !isKept("connection: x , close\r\n"))
        #expect(isKept("connection: keep-alive\r\n", "1.0") && !isKept("upgrade: h2c\r\n"))
    }

    @Test("finds the same whatever the pieces in which bytes arrive", arguments: 1...4 as ClosedRange<UInt64>)
    func pieces(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let bytes = Self.stream(using: &random)
            let whole = ReadRequests(bytes, pieces: [], limits: Self.small)
            let cuts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int.random(in: 0...bytes.count, using: &random)
            }
            let cut = ReadRequests(bytes, pieces: cuts.sorted(), limits: Self.small)
            let single = ReadRequests(bytes, pieces: Array(0...bytes.count), limits: Self.small)
            #expect(
                cut == whole && single == whole,
                "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            )
        }
    }

    private static let small = HTTPLimits(lineBytes: 64, headBytes: 256, fields: 6)

    /// Requests, most of them with something odd in them.
    private static func stream(using random: inout SeededGenerator) -> [UInt8] {
        let parts = [
            post, post, chunked, "content-length: 3\r\n\r\n{ }", "x-a: b\r\n", "\r\n", "1\r\na\r\n",
            "0\r\n\r\n",
            "GET /b HTTP/1.1\r\nhost: b\r\n\r\n", "2;a=b\r\n{}\r\n", "0\r\nx: y\r\n\r\n", "\r", "\n", ":",
            " ",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            bytes += Array((parts.randomElement(using: &random) ?? "").utf8)
        }
        if Bool.random(using: &random), !bytes.isEmpty {
            let odd: [UInt8] = [0, 9, 10, 13, 32, 44, 48, 58, 59, 127, 200]
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = odd.randomElement(using: &random) ?? 0
        }
        return bytes
    }
}
