import NIOCore
import NIOEmbedded
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite("The reader beside NIO's") struct ReaderAgainstNIOTests {
    @Test("what ours takes, NIO's takes too and reads alike", arguments: 1...4 as ClosedRange<UInt64>)
    func subset(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var taken = 0
        for _ in 0..<1_500 {
            let bytes = Self.stream(using: &random)
            let ours = ReadRequests(bytes, pieces: [])
            guard ours.failure == nil else { continue }
            taken += ours.requests.count
            let theirs = try Self.readByNIO(bytes)
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            // What a target may look like is the router's business here: it is compared with paths it knows.
            // Nor does it know every method: the router answers 405 to those that ours lets through.
            let failure = theirs.failure as? HTTPParserError
            if failure == .invalidURL || failure == .invalidMethod { continue }
            // Ours looks at a line once it is whole: where it still waits for the rest, NIO may know already.
            #expect(theirs.failure == nil || ours.rest > 0, "seed \(seed): \(text)")
            #expect(theirs.requests == ours.requests, "seed \(seed): \(text)")
        }
        #expect(taken > 500, "The streams are too odd to tell anything.")
    }

    private static func readByNIO(
        _ bytes: [UInt8]
    ) throws -> (requests: [ReadRequests.Request], failure: (any Error)?) {
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var failure: (any Error)?
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { failure = error }
        var requests: [ReadRequests.Request] = []
        var current = ReadRequests.Request(head: "", fields: [], body: "")
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                current = ReadRequests.Request(
                    head: "\(head.method.rawValue.lowercased()) \(head.uri) \(head.version)"
                        .replacing("HTTP/", with: ""),
                    fields: head.headers.map { "\($0.name.lowercased())=\(trimmed($0.value))" },
                    body: ""
                )
            case .body(let part): current.body += String(buffer: part)
            case .end: requests.append(current)
            }
        }
        return (requests, failure)
    }

    /// NIO leaves the white space that may stand behind a value.
    private static func trimmed(_ value: String) -> Substring {
        var value = value[...]
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        return value
    }

    /// Requests, some of them with something odd in them.
    private static func stream(using random: inout SeededGenerator) -> [UInt8] {
        let heads = [
            "POST /a HTTP/1.1\r\nhost: a\r\n", "GET /a?b HTTP/1.1\r\nHost:a\r\n",
            "POST http://a/b HTTP/1.1\r\nHOST: a \r\n",
        ]
        let fields = ["x-a: b, c\r\n", "x-b:\r\n", "X-C:  d\t\r\n", "cookie: \u{e4}\r\n", ""]
        let bodies = [
            "content-length: 5\r\n\r\n{\r\n }", "content-length: 0\r\n\r\n", "\r\n",
            "Content-Length:  002\r\n\r\n{}",
            "transfer-encoding: chunked\r\n\r\n3\r\n{ }\r\n0\r\n\r\n",
            "Transfer-Encoding: CHUNKED\r\n\r\n00b;x=y\r\n0123456789a\r\n1\r\n{\r\n0\r\nx-t: u\r\n\r\n",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            for part in [heads, fields, fields, bodies] {
                bytes += Array((part.randomElement(using: &random) ?? "").utf8)
            }
        }
        // Line ends and marks are where readers differ.
        if Int.random(in: 0..<4, using: &random) != 0 {
            // No tab: behind a length it is white space by the grammar, and NIO refuses it.
            let odd: [UInt8] = [10, 13, 32, 33, 44, 48, 49, 58, 59, 65, 97, 127, 200]
            let marks = bytes.indices.filter {
                bytes[$0] < 33 || bytes[$0] == 58 || bytes[$0] == 59 || bytes[$0] < 58
            }
            if let place = marks.randomElement(using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = odd.randomElement(using: &random) ?? 0
                case 1: bytes.insert(odd.randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
            }
        }
        return bytes
    }
}
