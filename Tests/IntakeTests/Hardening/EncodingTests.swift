import Crypto
import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Compressed webhooks") struct EncodingTests {
    private static let small = ["GROWTH_MAX_BODY_BYTES": "1024"]

    private func request(
        _ body: [UInt8],
        _ coding: String = "gzip",
        path: String = "/webhooks/generic/a",
        headers: [String] = []
    ) -> [UInt8] {
        let lines = [
            "POST \(path) HTTP/1.1", "host: a", "content-length: \(body.count)",
            "content-encoding: \(coding)",
        ]
        return Array((lines + headers).joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + body
    }

    private func digest(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    @Test("are taken as what was compressed: its size, its digest, its delivery")
    func accepted() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            var bodies: [[UInt8]] = []
            for (id, name) in ["gzip", "x-gzip", "GZIP, identity", "deflate", "deflate"].enumerated() {
                let body = Array(Request.event(id, padding: 5000).utf8)
                bodies.append(body)
                let encoded =
                    try id < 3
                    ? Compressed.gzip(body) : id == 3 ? Compressed.zlib(body) : Compressed.raw(body)
                try connection.send(request(encoded, name))
                #expect(try connection.nextAnswer().status == 202, "\(name)")
            }
            let envelopes = try intake.envelopes()
            #expect(envelopes.map(\.provenance.eventID) == bodies.indices.map { "evt_\($0)" })
            #expect(envelopes.map(\.byteCount) == bodies.map(\.count))
            #expect(envelopes.map(\.bodySHA256) == bodies.map(digest))
            #expect(envelopes.allSatisfy { $0.unreadable == nil })
        }
    }

    @Test("with chunks, in many packets, within a pipeline")
    func chunked() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            let encoded = try Compressed.gzip(Array(Request.event(7, padding: 3000).utf8))
            var bytes = request(try Compressed.gzip(Array(Request.event(6).utf8)))
            bytes += Array("POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\n".utf8)
            bytes += Array("transfer-encoding: chunked\r\ncontent-encoding: gzip\r\n\r\n".utf8)
            for byte in encoded { bytes += Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8) }
            bytes += Array("0\r\n\r\n".utf8) + Array(Request.post(body: Request.event(8)).utf8)
            for part in stride(from: 0, to: bytes.count, by: 97) {
                try connection.send(Array(bytes[part..<min(part + 97, bytes.count)]))
            }
            for _ in 0..<3 { #expect(try connection.nextAnswer().status == 202) }
            #expect(try intake.envelopes().map(\.provenance.eventID) == ["evt_6", "evt_7", "evt_8"])
        }
    }

    @Test(
        "that can't be decoded are taken as they came: JSON after all, or a dead letter that keeps its digest"
    )
    func undecodable() async throws {
        try await IntakeFixture.run { intake in
            let connection = try intake.connect()
            let whole = try Compressed.gzip(Array(Request.event(2).utf8))
            let bodies = [Array(Request.event(1).utf8), Array(whole.dropLast(3)), whole + [7], []]
            for body in bodies {
                try connection.send(request(body))
                #expect(try connection.nextAnswer().status == 202)
            }
            let envelopes = try intake.envelopes()
            #expect(envelopes.map { $0.unreadable != nil } == [false, true, true, true])
            #expect(envelopes.map(\.byteCount) == bodies.map(\.count))
            #expect(envelopes.map(\.bodySHA256) == bodies.map(digest))
        }
    }

    @Test("that become larger than the limit, or look like a bomb, are 413 and the connection goes on")
    func limits() async throws {
        let room = 1024 - Request.event(1).utf8.count
        try await IntakeFixture.run(Self.small) { intake in
            let connection = try intake.connect()
            for (padding, status) in [(room, 202), (room + 1, 413), (2_000_000, 413)] {
                let body = Array(Request.event(1, padding: padding).utf8)
                for (encoded, name) in [
                    (try Compressed.gzip(body), "gzip"), (try Compressed.zlib(body), "deflate"),
                ] where encoded.count <= 1024 {
                    try connection.send(request(encoded, name))
                    let answer = try connection.nextAnswer()
                    #expect(answer.status == status, "\(padding)")
                    #expect(answer.headers["connection"] == nil)
                }
            }
            #expect(try intake.depth() == 2)
        }
        try await IntakeFixture.run { intake in
            let bomb = try Compressed.gzip(Array(Request.event(1, padding: 1 << 20).utf8))
            let connection = try intake.connect()
            try connection.send(request(bomb))
            #expect(try connection.nextAnswer().status == 413)
            #expect(try intake.depth() == 0)
        }
    }

    @Test("count with what they become toward the bodies of all connections: who holds room gets 503")
    func budget() async throws {
        var limits = IntakeLimits()
        limits.heldBytes = 1500
        limits.headerBytes = 400
        try await IntakeFixture.run(Self.small, limits: limits) { intake in
            let holder = try intake.connect()
            try holder.send(
                "POST /webhooks/generic/a HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n"
                    + String(repeating: "x", count: 900)
            )
            #expect(try intake.client.get("/healthz").status == 200)
            let connection = try intake.connect()
            try connection.send(request(try Compressed.gzip(Array(Request.event(1, padding: 100).utf8))))
            #expect(try connection.nextAnswer().status == 202)
            #expect(!holder.waitForBytes(within: .milliseconds(50)))
            try connection.send(request(try Compressed.gzip(Array(Request.event(1, padding: 800).utf8))))
            #expect(try connection.nextAnswer().status == 202)
            let refusal = try holder.nextAnswer()
            #expect(refusal.status == 503)
            #expect(refusal.headers["retry-after"] != nil)
        }
    }

    @Test("verify by a signature over what was compressed or over what was sent, and by no other")
    func signatures() async throws {
        try await IntakeFixture.run(["GROWTH_GENERIC_A_SECRETS": "hush"]) { intake in
            let connection = try intake.connect()
            let body = Array(Request.event(1, padding: 100).utf8)
            let encoded = try Compressed.gzip(body)
            func status(signed: [UInt8], sent: [UInt8]) throws -> Int {
                let code = HMAC<SHA256>.authenticationCode(
                    for: signed,
                    using: SymmetricKey(data: Array("hush".utf8))
                )
                try connection.send(request(sent, headers: ["x-growth-signature: sha256=\(hex(code))"]))
                return try connection.nextAnswer().status
            }
            #expect(try status(signed: body, sent: encoded) == 202)
            #expect(try status(signed: encoded, sent: encoded) == 202)
            #expect(try status(signed: Array(body.dropLast()), sent: encoded) == 401)
            #expect(try status(signed: Array(encoded.dropLast()), sent: Array(encoded.dropLast())) == 202)
            #expect(try status(signed: body, sent: Array(encoded.dropLast())) == 401)
            let envelopes = try intake.envelopes()
            #expect(envelopes.map(\.signature) == [.verified, .verified, .verified])
            #expect(envelopes.map { $0.unreadable != nil } == [false, false, true])
        }
    }

    @Test("in another coding, or in two, are 415 with the codings that are taken")
    func unsupported() async throws {
        try await IntakeFixture.run { intake in
            for name in [
                "br", "zstd", "compress", "gzip, gzip", "gzip\r\ncontent-encoding: deflate", "identity, br",
            ] {
                let connection = try intake.connect()
                try connection.send(request(Array("{}".utf8), name))
                let answer = try connection.nextAnswer()
                #expect(answer.status == 415, "\(name)")
                #expect(answer.headers["accept-encoding"] == "gzip, deflate")
            }
            #expect(try intake.depth() == 0)
        }
    }
}
