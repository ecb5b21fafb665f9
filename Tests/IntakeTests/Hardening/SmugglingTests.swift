import Shared
import TestSupport
import Testing

@testable import growth_intake

/// Further shapes in which a request was smuggled past one server into another; see also `FramingTests`.
@Suite("Smuggled requests") struct SmugglingTests {
    private static let line = "POST /webhooks/generic/a HTTP/1.1\r\n"
    private static let door = line + "host: a\r\n"
    private static let counted = door + "content-length: 2\r\n"
    private static let chunked = door + "transfer-encoding: chunked\r\n\r\n"
    private static let chunks = "2\r\n{}\r\n0\r\n\r\n"
    private static let smuggled = Request.get("/smuggled")

    private static let refused: [(name: String, bytes: String)] = [
        ("a long extension", chunked + "2;\(String(repeating: "a", count: 1_000))\r\n{}\r\n0\r\n\r\n"),
        ("an endless extension", chunked + "2;\(String(repeating: "a", count: 100_000))\r\n{}\r\n0\r\n\r\n"),
        ("bare line feeds", "POST /webhooks/generic/a HTTP/1.1\nhost: a\ncontent-length: 2\n\n{}"),
        ("a bare line feed behind a header", door + "x-a: b\ncontent-length: 2\r\n\r\n{}"),
        ("a bare line feed behind the head", counted + "\n{}"),
        ("bare carriage returns", "POST /webhooks/generic/a HTTP/1.1\rhost: a\rcontent-length: 2\r\r{}"),
        ("the same length twice", counted + "content-length: 2\r\n\r\n{}"),
        ("a space in a length", door + "content-length: 2 2\r\n\r\n{}"),
        ("a vertical tab before a length", door + "content-length: \u{B}2\r\n\r\n{}"),
        ("an empty length", door + "content-length:\r\n\r\n"),
        ("chunked in a list, twice", door + "transfer-encoding: chunked, chunked\r\n\r\n" + chunks),
        ("chunked, not last", door + "transfer-encoding: chunked, identity\r\n\r\n" + chunks),
        ("chunked with a parameter", door + "transfer-encoding: chunked;q=1\r\n\r\n" + chunks),
        ("a vertical tab before chunked", door + "transfer-encoding: \u{B}chunked\r\n\r\n" + chunks),
        ("chunked in quotes", door + "transfer-encoding: \"chunked\"\r\n\r\n" + chunks),
        ("chunked with white space behind it", door + "transfer-encoding:\tchunked \r\n\r\n" + chunks),
        ("an empty coding and a length", counted + "transfer-encoding: \r\n\r\n{}"),
        ("a space behind the coding's name", door + "transfer-encoding : chunked\r\n\r\n" + chunks),
        ("a folded coding", door + "transfer-encoding:\r\n chunked\r\n\r\n" + chunks),
        ("a folded first header", line + " host: a\r\ncontent-length: 2\r\n\r\n{}"),
        ("a hexadecimal prefix", chunked + "0x2\r\n{}\r\n0\r\n\r\n"),
        ("a signed chunk", chunked + "+2\r\n{}\r\n0\r\n\r\n"),
        ("a negative chunk", chunked + "-2\r\n{}\r\n0\r\n\r\n"),
        ("a space before a chunk", chunked + " 2\r\n{}\r\n0\r\n\r\n"),
        ("a space behind a chunk", chunked + "2 \r\n{}\r\n0\r\n\r\n"),
        ("a line feed behind a chunk's size", chunked + "2\n{}\r\n0\r\n\r\n"),
        ("a line feed behind a chunk", chunked + "2\r\n{}\n0\r\n\r\n"),
        ("a line feed behind the last chunk", chunked + "2\r\n{}\r\n0\n\n"),
        ("a line feed at the end", chunked + "2\r\n{}\r\n0\r\n\n"),
        ("a line feed in an extension", chunked + "2;a\n{}\r\n0\r\n\r\n"),
        ("a carriage return in an extension", chunked + "2;a\rb\r\n{}\r\n0\r\n\r\n"),
        ("a length with white space behind it", door + "content-length: 2 \r\n\r\n{}"),
        ("a zero byte in an extension", chunked + "2;a\0b\r\n{}\r\n0\r\n\r\n"),
        ("a length in the trailers", chunked + "2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n"),
        ("a coding in the trailers", chunked + "2\r\n{}\r\n0\r\ntransfer-encoding: chunked\r\n\r\n"),
        ("a folded trailer", chunked + "2\r\n{}\r\n0\r\nx-a: b\r\n c\r\n\r\n"),
        ("a line feed behind a trailer", chunked + "2\r\n{}\r\n0\r\nx-a: b\n\r\n"),
        ("a space before the method", " " + counted + "\r\n{}"),
        ("a space in the target", "POST /webhooks/generic/a b HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("tabs between the words", "POST\t/webhooks/generic/a\tHTTP/1.1\r\nhost: a\r\n\r\n"),
        ("a space behind the version", "POST /webhooks/generic/a HTTP/1.1 \r\nhost: a\r\n\r\n"),
        ("a control character in the target", "POST /webhooks/generic/a\u{1} HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("a method in lower case", "post /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("a parenthesis in a name", counted + "x(a: b\r\n\r\n{}"),
        ("no colon", counted + "xa\r\n\r\n{}"),
        ("a control character in a value", counted + "x-a: b\u{1}c\r\n\r\n{}"),
    ]

    @Test("what two servers may cut in different places is refused, and nothing behind it is read")
    func refused() async throws {
        try await IntakeFixture.run { intake in
            for shape in Self.refused {
                let connection = try intake.connect()
                try connection.send(shape.bytes + Self.smuggled)
                let bytes = try #require(connection.bytesUntilEnd(), "\(shape.name): not closed")
                let answer = try #require(HTTPClient.parse(bytes), "\(shape.name): not answered")
                #expect(answer.status == 400, "\(shape.name)")
                #expect(answer.body.count == Int(answer.headers["content-length"] ?? ""), "\(shape.name)")
            }
            #expect(try intake.redis.cli("KEYS", "growth:{*") == "")
        }
    }

    private static let taken: [(name: String, bytes: String)] = [
        ("a length with a zero before it", door + "content-length: 02\r\n\r\n{}"),
        ("a coding in capitals", door + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunks),
        ("another name with an underscore", counted + "transfer_encoding: chunked\r\n\r\n{}"),
        ("a chunk with zeros before it", chunked + "00000000000000000000002\r\n{}\r\n0\r\n\r\n"),
        ("an extension", chunked + "2;a=b;c=\"d\"\r\n{}\r\n0;e\r\n\r\n"),
        ("trailers", chunked + "2\r\n{}\r\n0\r\nx-a: b\r\nx-signature: c\r\n\r\n"),
        ("empty lines before it", "\r\n\r\n" + counted + "\r\n{}"),
        ("a length named as hop by hop", counted + "connection: content-length\r\n\r\n{}"),
    ]

    @Test("what all read alike is taken once, and the request behind it is its own")
    func taken() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            for shape in Self.taken {
                try connection.send(shape.bytes + Self.smuggled)
                #expect(try connection.nextAnswer().status == 202, "\(shape.name)")
                #expect(try connection.nextAnswer().status == 404, "\(shape.name)")
            }
            let envelopes = try intake.envelopes()
            #expect(envelopes.count == Self.taken.count)
            #expect(envelopes.allSatisfy { $0.byteCount == 2 && $0.unreadable == nil })
        }
    }

    @Test("trailers are bounded like headers, 431")
    func trailers() async throws {
        let trailers = [
            "x-a: " + String(repeating: "b", count: 20_000) + "\r\n",
            String(repeating: "x-a: b\r\n", count: 300),
            String(repeating: "x-a: " + String(repeating: "b", count: 10_000) + "\r\n", count: 20),
        ]
        try await IntakeFixture.run { intake in
            for (index, trailer) in trailers.enumerated() {
                let connection = try intake.connect()
                try connection.send(Self.chunked + "2\r\n{}\r\n0\r\n" + trailer + "\r\n")
                #expect(try connection.nextAnswer().status == 431, "\(index)")
                #expect(connection.bytesUntilEnd() == [])
            }
            #expect(try intake.depth() == 0)
        }
    }

    @Test("what ends in the middle of chunks or trailers is never taken")
    func cutOff() async throws {
        let whole = Array((Self.chunked + "2;a=b\r\n{}\r\n0\r\nx-a: b\r\n\r\n").utf8)
        try await IntakeFixture.run { intake in
            for count in stride(from: Self.chunked.utf8.count, to: whole.count, by: 3) {
                let connection = try intake.connect()
                try connection.send(Array(whole.prefix(count)))
                connection.endSending()
                #expect(HTTPClient.parse(connection.bytesUntilEnd() ?? [])?.status == 400)
            }
            #expect(try intake.depth() == 0)
        }
    }
}
