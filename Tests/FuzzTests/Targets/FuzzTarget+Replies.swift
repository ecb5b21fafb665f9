import Shared
import SharedRedis

extension FuzzTarget {
    /// Redis' replies: the same however the bytes are cut, and what was written is read.
    static let replies = FuzzTarget(
        name: "replies",
        seeds: { FuzzSeeds.replies },
        words: FuzzWords.replies,
        run: { try fuzzReplies($0) }
    )
}

/// Reads the input as replies, whole and in pieces; then writes replies and commands made of it.
func fuzzReplies(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    let whole = read([bytes])
    for sizes in [[1], [2, 3], bytes.prefix(8).map { Int($0 % 16) + 1 }] {
        let pieces = read(cut(bytes, sizes))
        try require(pieces.replies == whole.replies, "the replies depend on how the bytes are cut")
        try require(pieces.isFailed == whole.isFailed, "the failure depends on how the bytes are cut")
    }
    try require(whole.replies.count <= bytes.count, "more replies than bytes")
    try writeReplies(bytes)
    try writeCommand(bytes)
    return min(whole.replies.count, 5) * 2 + (whole.isFailed ? 1 : 0)
}

private func cut(_ bytes: [UInt8], _ sizes: [Int]) -> [[UInt8]] {
    var rest = bytes[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
        let size = sizes.isEmpty ? 1 : sizes[pieces.count % sizes.count]
        pieces.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
    }
    return pieces
}

private func read(_ pieces: [[UInt8]]) -> (replies: [RedisReply], isFailed: Bool) {
    let reader = RedisReplyReader(maximumBufferedBytes: 1 << 20)
    var replies: [RedisReply] = []
    do {
        for piece in pieces {
            try reader.feed(piece)
            while let reply = try reader.next() { replies.append(reply) }
        }
    } catch {
        return (replies, true)
    }
    return (replies, reader.failure != nil)
}

/// Makes replies out of bytes and reads their wire form.
private func writeReplies(_ bytes: [UInt8]) throws {
    var rest = bytes
    var expected: [RedisReply] = []
    var wire: [UInt8] = []
    while !rest.isEmpty, expected.count < 8 { expected.append(reply(&rest, depth: 0, &wire)) }
    let sizes = bytes.prefix(5).map { Int($0) + 1 }
    let result = read(cut(wire, sizes))
    try require(!result.isFailed && result.replies == expected, "replies that were written are not read")
}

private func reply(_ rest: inout [UInt8], depth: Int, _ wire: inout [UInt8]) -> RedisReply {
    func line(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }
    let choice = rest.takeByte()
    switch choice % 7 {
    case 0:
        let value = rest.take(8).reduce(Int64(choice)) { $0 &* 256 &+ Int64($1) }
        wire += line(":\(value)")
        return .integer(value)
    case 1:
        wire += line(choice < 128 ? "$-1" : "*-1")
        return .null
    case 2:
        let text = String(
            decoding: rest.take(Int(choice % 32)).filter { $0 >= 0x20 && $0 < 0x7F },
            as: UTF8.self
        )
        wire += line("+" + text)
        return .status(text)
    case 3:
        let text =
            "ERR "
            + String(decoding: rest.take(Int(choice % 32)).filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
        wire += line("-" + text)
        return .error(RedisErrorReply(text.utf8))
    case 4 where depth < 5:
        let count = Int(choice / 7) % 6
        wire += line("*\(count)")
        return .array((0..<count).map { _ in reply(&rest, depth: depth + 1, &wire) })
    default:
        let text = rest.take(Int(rest.takeByte()))
        wire += line("$\(text.count)") + text + [0x0D, 0x0A]
        return .string(text)
    }
}

/// A command in the wire form is an array of strings.
private func writeCommand(_ bytes: [UInt8]) throws {
    var rest = bytes
    var arguments: [[UInt8]] = []
    while !rest.isEmpty, arguments.count < 20 { arguments.append(rest.take(Int(rest.takeByte()))) }
    var writer = RedisCommandWriter()
    writer.append(RedisCommand(arguments: arguments))
    let result = read([writer.bytes])
    let expected = RedisReply.array(arguments.map { .string($0) })
    try require(!result.isFailed && result.replies == [expected], "a command is not what was written")
}
