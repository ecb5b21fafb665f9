import Crypto

/// HMAC-SHA-256 (RFC 2104) under a key whose blocks are hashed once: a copy continues from there.
///
/// swift-crypto's own HMAC hashes the key again for each message and reads data through a generic sequence of
/// regions, which costs more than the hashing of short messages.
struct KeyedDigest: Sendable {
    private static let blockSize = 64

    private var inner = SHA256()
    private var outer = SHA256()

    /// Prepares a key of any length.
    init(key: [UInt8]) {
        var block = key.count > Self.blockSize ? Array(SHA256.hash(data: key)) : key
        block.append(contentsOf: repeatElement(0, count: Self.blockSize - block.count))
        block.map { $0 ^ 0x36 }.withUnsafeBytes { inner.update(bufferPointer: $0) }
        block.map { $0 ^ 0x5C }.withUnsafeBytes { outer.update(bufferPointer: $0) }
    }

    /// Takes in the next bytes of the message.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        inner.update(bufferPointer: bytes)
    }

    /// Takes in the next bytes of the message.
    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { inner.update(bufferPointer: $0) }
    }

    /// The code of the message.
    consuming func finalize() -> SHA256Digest {
        var outer = outer
        inner.finalize().withUnsafeBytes { outer.update(bufferPointer: $0) }
        return outer.finalize()
    }

    /// Whether the message has this code; takes the same time wherever the codes differ.
    consuming func accepts(_ code: [UInt8]) -> Bool {
        finalize().withUnsafeBytes { Self.isEqual($0, code) }
    }

    /// Whether two codes are the same; takes the same time wherever they differ.
    static func isEqual(_ digest: UnsafeRawBufferPointer, _ code: [UInt8]) -> Bool {
        guard code.count == digest.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<digest.count { difference |= digest[index] ^ code[index] }
        return difference == 0
    }
}
