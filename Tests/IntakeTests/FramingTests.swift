import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("HTTP that is read one way only") struct FramingTests {
    private static let door = "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n"
    private static let smuggled = Request.get("/healthz")

    /// What another server on the way might read differently.
    private static let shapes: [(name: String, bytes: String)] = [
        ("both lengths", door + "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        (
            "both, the other way round",
            door + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n"
        ),
        ("two lengths", door + "content-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
        ("a list of lengths", door + "content-length: 2, 2\r\n\r\n{}"),
        ("a signed length", door + "content-length: +2\r\n\r\n{}"),
        ("a negative length", door + "content-length: -2\r\n\r\n{}"),
        ("a hexadecimal length", door + "content-length: 0x2\r\n\r\n{}"),
        ("an endless length", door + "content-length: 99999999999999999999999\r\n\r\n{}"),
        ("no chunk size", door + "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        ("an endless chunk size", door + "transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}"),
        ("a chunk longer than it says", door + "transfer-encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n"),
        ("a coding besides chunked", door + "transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        ("chunked twice", door + "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("another coding", door + "transfer-encoding: identity\r\n\r\n{}"),
        ("a coding in disguise", door + "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"),
        (
            "a coding of HTTP/1.0",
            "POST /webhooks/generic/a HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        ("a folded header", door + "x-a: b\r\n c\r\ncontent-length: 2\r\n\r\n{}"),
        ("a space before the colon", door + "content-length : 2\r\n\r\n{}"),
        ("a header without a name", door + ": b\r\ncontent-length: 2\r\n\r\n{}"),
        ("a zero byte", door + "x-a: b\0c\r\ncontent-length: 2\r\n\r\n{}"),
        ("bare line feeds in a header", door + "x-a: b\rc\r\ncontent-length: 2\r\n\r\n{}"),
        ("no host", "POST /webhooks/generic/a HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"),
        ("two hosts", door + "host: b\r\ncontent-length: 2\r\n\r\n{}"),
        ("no version", "GET /healthz\r\n\r\n"),
        ("another version", "GET /healthz HTTP/3.7\r\n\r\n"),
        ("another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        ("a TLS greeting", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n"),
        ("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ]

    @Test("what can't be read one way is answered 400 once, keeps nothing and ends the connection")
    func malformed() async throws {
        try await IntakeFixture.run { intake in
            for shape in Self.shapes {
                let connection = try intake.connect()
                try connection.send(shape.bytes + Self.smuggled)
                let bytes = try #require(connection.bytesUntilEnd(), "\(shape.name): not closed")
                let answer = try #require(HTTPClient.parse(bytes), "\(shape.name): not answered")
                #expect(answer.status == 400, "\(shape.name)")
                #expect(answer.headers["connection"] == "close", "\(shape.name)")
                #expect(answer.body.count == Int(answer.headers["content-length"] ?? ""), "\(shape.name)")
            }
            #expect(try intake.redis.cli("KEYS", "growth:{*") == "")
            #expect(try intake.client.get("/healthz").status == 200)
        }
    }

    @Test("an error in the middle of a body is answered 400, however much came before")
    func errorInBody() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(
                Request.get("/healthz") + Self.door + "transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"
            )
            #expect(try connection.nextAnswer().status == 200)
            try connection.send("not a chunk\r\n")
            let answer = try connection.nextAnswer()
            #expect(answer.status == 400)
            #expect(connection.bytesUntilEnd() == [])
            #expect(try intake.metric(#"growth_intake_requests_total{source="generic",outcome="refused"} 1"#))
        }
    }

    @Test("a request that ends in the middle is answered 400")
    func truncated() async throws {
        try await IntakeFixture.run { intake in
            for bytes in ["GET /heal", Self.door + "content-length: 10\r\n\r\n{}"] {
                let connection = try intake.connect()
                try connection.send(bytes)
                connection.endSending()
                #expect(HTTPClient.parse(connection.bytesUntilEnd() ?? [])?.status == 400)
            }
            #expect(try intake.depth() == 0)
        }
    }

    @Test("headers are bounded in size and number: 431")
    func hugeHeaders() async throws {
        func field(_ name: String, _ count: Int) -> String {
            "\(name): \(String(repeating: "x", count: count))\r\n"
        }
        let heads = [
            "GET /" + String(repeating: "x", count: 20_000) + " HTTP/1.1\r\n\r\n",
            "GET /healthz HTTP/1.1\r\n" + field("x-a", 20_000) + "\r\n",
            "GET /healthz HTTP/1.1\r\n" + (0..<6).map { field("x-\($0)", 12_000) }.joined() + "\r\n",
            "GET /healthz HTTP/1.1\r\n" + (0..<200).map { field("x-\($0)", 1) }.joined() + "\r\n",
        ]
        try await IntakeFixture.run { intake in
            for (index, head) in heads.enumerated() {
                let connection = try intake.connect()
                try connection.send(head)
                let answer = try connection.nextAnswer()
                #expect(answer.status == 431, "\(index)")
                #expect(answer.headers["connection"] == "close")
            }
            let large = Request.get("/healthz", headers: ["x-a: \(String(repeating: "x", count: 15_000))"])
            let connection = try intake.connect()
            try connection.send(large)
            #expect(try connection.nextAnswer().status == 200)
        }
    }

    @Test("an upgrade that is offered is not taken; the connection ends, because nothing behind it is read")
    func upgrade() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            try connection.send(
                Request.post(headers: [
                    "connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: A",
                ])
            )
            let answer = try connection.nextAnswer()
            #expect(answer.status == 202)
            #expect(answer.headers["connection"] == "close")
            #expect(connection.bytesUntilEnd() == [])
            let tunnel = try intake.connect()
            try tunnel.send("CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n" + String(repeating: "x", count: 9000))
            #expect(HTTPClient.parse(tunnel.bytesUntilEnd() ?? [])?.status == 404)
        }
    }
}
