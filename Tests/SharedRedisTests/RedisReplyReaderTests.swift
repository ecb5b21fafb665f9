import Shared
import SharedRedis
import TestSupport
import Testing

@Suite struct RedisReplyReaderTests {
    private static let wire =
        "+OK\r\n:42\r\n$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n*3\r\n:1\r\n*1\r\n$0\r\n\r\n-ERR no\r\n"
    private static let replies: [RedisReply] = [
        .status("OK"), .integer(42), .string(Array("a\r\nbc".utf8)), .null, .null,
        .array([.integer(1), .array([.string([])]), .error(RedisErrorReply("ERR no".utf8))]),
    ]

    @Test("replies are the same however the bytes are cut", arguments: [1, 2, 3, 7, 1000])
    func chunks(size: Int) throws {
        let bytes = Array(Self.wire.utf8)
        let reader = RedisReplyReader()
        var read: [RedisReply] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.feed(Array(bytes[start..<min(bytes.count, start + size)]))
            while let reply = try reader.next() { read.append(reply) }
        }
        #expect(read == Self.replies)
    }

    @Test("bytes that are no reply put the reader in error for good")
    func garbage() throws {
        let reader = RedisReplyReader()
        try reader.feed(Array("HTTP/1.1 400 Bad Request\r\n".utf8))
        #expect(throws: QueueError.self) { try reader.next() }
        #expect(reader.failure?.code == .unexpectedReply)
        #expect(throws: QueueError.self) { try reader.feed(Array("+OK\r\n".utf8)) }
        #expect(throws: QueueError.self) { try reader.next() }
    }

    @Test(
        "a header that asks for a huge array, or nesting without end, is refused",
        arguments: [
            ("*2000000000", 1), ("*1048577", 1), ("*1", 100), ("$-7", 1), ("*-7", 1), (":x", 1),
            ("*99999999999999999999", 1),
        ]
    )
    func bounds(header: String, times: Int) throws {
        let reader = RedisReplyReader()
        try reader.feed(Array(String(repeating: header + "\r\n", count: times).utf8))
        #expect(throws: QueueError.self) { while try reader.next() != nil {} }
    }

    @Test("a reply that never ends is cut off at the limit")
    func endless() throws {
        let reader = RedisReplyReader(maximumBufferedBytes: 1000)
        try reader.feed(Array("$100000\r\n".utf8))
        #expect(try reader.next() == nil)
        try reader.feed([UInt8](repeating: 0x61, count: 900))
        #expect(try reader.next() == nil)
        #expect(throws: QueueError.self) { try reader.feed([UInt8](repeating: 0x61, count: 900)) }
    }

    @Test("random bytes and mutated replies never trap")
    func fuzz() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let valid = Array(Self.wire.utf8)
        let alphabet = Array("*$:+-0123456789\r\n\0aZ".utf8)
        for _ in 0..<3000 {
            var bytes = valid
            if Bool.random(using: &random) {
                bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                }
            } else {
                for _ in 0...Int.random(in: 0...3, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let reader = RedisReplyReader()
            var count = 0
            do {
                while !bytes.isEmpty {
                    let size = min(bytes.count, Int.random(in: 1...9, using: &random))
                    try reader.feed(Array(bytes[..<size]))
                    bytes.removeFirst(size)
                    while try reader.next() != nil { count += 1 }
                }
            } catch {
                #expect(reader.failure != nil)
            }
            #expect(count <= 60, "Seed \(seed): more replies than bytes.")
        }
    }

    @Test("a long error reply ends with a whole sentence, or a whole word")
    func longErrors() {
        let filler = String(repeating: "word ", count: 30)
        let sentence = "BUSY Redis is busy running a script. You can only call " + filler
        #expect(RedisErrorReply(sentence.utf8).text == "BUSY Redis is busy running a script.")
        let endless = RedisErrorReply("ERR \(filler)".utf8).text
        #expect(endless.hasSuffix("word ...") && endless.utf8.count <= 120, "\(endless)")
        let quoted = "MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk."
        #expect(
            RedisErrorReply(quoted.utf8).text == "MISCONF Redis is configured to save RDB snapshots, but ..."
        )
        let whole = "ERR " + String(repeating: "x", count: 116)
        #expect(RedisErrorReply(whole.utf8).text == whole)
        #expect(RedisErrorReply((whole + "x").utf8).text == "ERR ...")
        #expect(RedisErrorReply("".utf8).text == "")
        #expect(RedisErrorReply("'".utf8).text == " ...")
    }

    @Test("an error reply keeps its code and drops what the command held")
    func privacy() {
        let echo = "ERR unknown command 'FOO', with args beginning with: 'jane@example.com' "
        #expect(RedisErrorReply(echo.utf8).text == "ERR unknown command ...")
        #expect(RedisErrorReply(echo.utf8).code == "ERR")
        #expect(RedisErrorReply("odd".utf8).code == "ERR")
        let full = RedisErrorReply("OOM command not allowed when used memory > 'max'".utf8).queueError
        #expect(full.code == .notAccepting)
        for code in ["READONLY", "LOADING", "MISCONF", "MASTERDOWN", "NOAUTH", "WRONGPASS"] {
            #expect(RedisErrorReply("\(code) x".utf8).queueError.code == .notAccepting)
        }
        #expect(RedisErrorReply("ERR max number of clients reached".utf8).queueError.code == .notAccepting)
        for code in ["WRONGTYPE", "NOPERM"] {
            #expect(RedisErrorReply("\(code) x".utf8).queueError.code == .unexpectedReply)
        }
    }
}

@Suite struct RedisCommandWriterTests {
    @Test("commands are written in the wire form, binary arguments included")
    func form() {
        var writer = RedisCommandWriter()
        let keys = RedisKeys(source: SourceID(literal: "shopify"))
        var push = RedisCommand("RPUSH", keys.queue)
        push.append([[0x0D, 0x0A], []])
        writer.append(push)
        let expected = "*4\r\n$5\r\nRPUSH\r\n$22\r\ngrowth:{shopify}:queue\r\n$2\r\n\r\n\r\n$0\r\n\r\n"
        #expect(writer.bytes == Array(expected.utf8))
        writer.removeAll()
        RedisPush.register([SourceID(literal: "shopify")], writer: &writer)
        #expect(writer.bytes == Array("*3\r\n$4\r\nSADD\r\n$13\r\ngrowth:queues\r\n$7\r\nshopify\r\n".utf8))
    }
}
