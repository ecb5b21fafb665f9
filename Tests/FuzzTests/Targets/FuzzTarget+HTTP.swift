@testable import Shared

extension FuzzTarget {
    /// HTTP requests: the same however the bytes are cut, and what was written is read.
    static let http = FuzzTarget(
        name: "http",
        seeds: { FuzzSeeds.requests },
        words: FuzzWords.http,
        run: { try fuzzHTTP($0) }
    )
}

/// Reads the input as requests, whole and in pieces; then writes a request around it.
func fuzzHTTP(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    let whole = try read(bytes, sizes: [bytes.count])
    for sizes in [[1], [2, 3], bytes.prefix(8).map { Int($0 % 16) + 1 }] {
        let pieces = try read(bytes, sizes: sizes)
        try require(pieces == whole, "what is read depends on how the bytes are cut: \(pieces) and \(whole)")
    }
    try writeRequest(bytes)
    return min(whole.requests.count, 3) * 8 + (whole.failure.map { $0 == .malformed ? 1 : 2 } ?? 0)
}

/// What was read of some bytes.
private struct ReadBytes: Equatable {
    struct Request: Equatable {
        var head: [UInt8]
        var body: [UInt8] = []
        var isComplete = false
    }

    var requests: [Request] = []
    var failure: HTTPFailure?
}

/// Shows the reader pieces of the sizes in turn, and what it did not consume again.
private func read(_ bytes: [UInt8], sizes: [Int]) throws -> ReadBytes {
    var reader = HTTPRequestReader()
    var result = ReadBytes()
    var (start, end, turn) = (0, 0, 0)
    while true {
        let step = bytes[start..<end].withUnsafeBytes { reader.next($0) }
        let shown = end - start
        var consumed = 0
        var needsMore = false
        switch step {
        case .more(let count):
            consumed = count
            needsMore = true
        case .head(let count):
            consumed = count
            result.requests.append(ReadBytes.Request(head: Array(bytes[start..<min(end, start + count)])))
        case .body(let range):
            try require(
                range.lowerBound >= 0 && range.upperBound <= shown && !range.isEmpty,
                "a part \(range) of \(shown) bytes"
            )
            result.requests[result.requests.count - 1].body +=
                bytes[start + range.lowerBound..<start + range.upperBound]
            consumed = range.upperBound
        case .end(let count):
            consumed = count
            result.requests[result.requests.count - 1].isComplete = true
        case .failed(let failure):
            result.failure = failure
            return result
        }
        try require((0...shown).contains(consumed), "\(consumed) of \(shown) bytes were consumed")
        start += consumed
        guard needsMore else { continue }
        if end == bytes.count { return result }
        end = min(bytes.count, end + (sizes.isEmpty ? 1 : max(1, sizes[turn % sizes.count])))
        turn += 1
    }
}

/// Sends the bytes as a body, in chunks and with a length, one request behind the other.
private func writeRequest(_ bytes: [UInt8]) throws {
    let body = Array(bytes.prefix(2_000))
    var wire = Array("POST /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    var rest = body[...]
    while let size = rest.first.map({ min(rest.count, Int($0 % 50) + 1) }) {
        wire += Array("\(String(size, radix: 16, uppercase: size.isMultiple(of: 2)));x=\"y\"\r\n".utf8)
        wire += Array(rest.prefix(size)) + [0x0D, 0x0A]
        rest = rest.dropFirst(size)
    }
    wire += Array(
        "0\r\nTrailer: 1\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8
    )
    wire += body
    let result = try read(wire, sizes: bytes.prefix(4).map { Int($0) + 1 })
    try require(
        result.failure == nil && result.requests.count == 2,
        "two requests are read as \(result.requests.count)"
    )
    try require(result.requests.allSatisfy { $0.body == body && $0.isComplete }, "a body changed on its way")
}
