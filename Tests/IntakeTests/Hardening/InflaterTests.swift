import NIOCore
import TestSupport
import Testing

@testable import Shared
@testable import growth_intake

@Suite("Decoding of bodies") struct InflaterTests {
    private func inflate(
        _ bytes: [UInt8],
        _ coding: ContentCoding = .gzip,
        byteMax: Int = 2 << 20,
        room: Int = .max
    ) -> (outcome: Inflater.Outcome, bytes: [UInt8]) {
        var left = room
        let inflater = Inflater(byteMax: byteMax) { count in
            left -= count
            return left >= 0
        }
        var output = ByteBuffer()
        let outcome = bytes.withUnsafeBytes { inflater.inflate($0, coding: coding, into: &output) }
        return (outcome, Array(output.readableBytesView))
    }

    @Test("gives back what was compressed, whatever its size", arguments: [UInt64(1), 2, 3])
    func roundTrip(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for count in [0, 1, 2, 1000, 65_535, 65_536, 65_537, 131_072, 300_000] {
            // Of few letters, so that it shrinks, but never beyond the ratio.
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x61...0x6A, using: &random) }
            for (coding, encoded) in [
                (ContentCoding.gzip, try Compressed.gzip(bytes)),
                (.deflate, try Compressed.zlib(bytes)), (.deflate, try Compressed.raw(bytes)),
            ] {
                let result = inflate(encoded, coding)
                #expect(result.outcome == .decoded, "seed \(seed), \(count) bytes, \(coding)")
                #expect(result.bytes == bytes, "seed \(seed), \(count) bytes, \(coding)")
            }
        }
    }

    @Test("members follow each other, and padding with zeros means nothing")
    func members() throws {
        let first = try Compressed.gzip(Array("first ".utf8))
        let second = try Compressed.gzip(Array("second".utf8))
        let empty = try Compressed.gzip([])
        for bytes in [first + second, first + empty + second + empty, first + second + [0, 0, 0]] {
            let result = inflate(bytes)
            #expect(result.outcome == .decoded)
            #expect(result.bytes == Array("first second".utf8))
        }
    }

    @Test("what is cut off, changed or followed by something else is not decoded")
    func broken() throws {
        let whole = try Compressed.gzip(Array("a body of some length, a body".utf8))
        for count in 0..<whole.count {
            #expect(inflate(Array(whole.prefix(count))).outcome == .undecodable, "\(count) bytes")
        }
        for tail in [[1], [0, 1], [0x1F], [0x1F, 0x8B], Array(whole.dropLast())] as [[UInt8]] {
            #expect(inflate(whole + tail).outcome == .undecodable)
        }
        // Checksum and length stand in the last eight bytes.
        for index in (whole.count - 8)..<whole.count {
            var changed = whole
            changed[index] ^= 1
            #expect(inflate(changed).outcome == .undecodable)
        }
        let zlib = try Compressed.zlib(Array("a body".utf8))
        #expect(inflate(Array(zlib.dropLast()), .deflate).outcome == .undecodable)
        #expect(inflate(zlib + [1], .deflate).outcome == .undecodable)
        #expect(inflate(Array("{}".utf8)).outcome == .undecodable)
        #expect(inflate(Array("{}".utf8), .deflate).outcome == .undecodable)
        #expect(inflate([], .deflate).outcome == .undecodable)
    }

    @Test("no bytes trap it", arguments: [UInt64(11), 12, 13, 14])
    func noise(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = try Compressed.gzip(Array(repeating: Array("abcd".utf8), count: 500).flatMap(\.self))
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            for coding in [ContentCoding.gzip, .deflate] {
                #expect(inflate(bytes, coding, byteMax: 10_000).bytes.count <= 10_000 + 65_536)
            }
        }
    }

    @Test("size, ratio and room are bounds")
    func bounds() throws {
        func letters(_ count: Int) throws -> [UInt8] {
            try Compressed.gzip((0..<count).map { UInt8(0x61 + $0 * $0 % 23 % 10) })
        }
        #expect(inflate(try letters(5000), byteMax: 5000).outcome == .decoded)
        #expect(inflate(try letters(5001), byteMax: 5000).outcome == .tooLarge)
        #expect(inflate(try letters(5000), room: 5000).outcome == .decoded)
        #expect(inflate(try letters(5000), room: 4999).outcome == .noRoom)
        let zeros = { (count: Int) in try Compressed.gzip([UInt8](repeating: 0, count: count)) }
        #expect(inflate(try zeros(Inflater.ratioFloor)).outcome == .decoded)
        #expect(inflate(try zeros(Inflater.ratioFloor * 2)).outcome == .tooLarge)
        let bomb = inflate(try zeros(50 << 20), byteMax: 64 << 20)
        #expect(bomb.outcome == .tooLarge)
        // What was decoded before it was noticed is 200 times what was sent, and not all of it.
        #expect(bomb.bytes.count < 12 << 20)
        let nested = inflate(try zeros(1000) + zeros(1 << 20), byteMax: 64 << 20)
        #expect(nested.outcome == .tooLarge, "over all members together")
    }

    @Test("names of codings are read as RFC 9110 says")
    func names() {
        func coding(_ values: String...) -> ContentCoding? {
            values.reduce(nil) { coding, value in
                Array(value.utf8).withUnsafeBytes { ContentCoding.adding($0[...], to: coding) }
            }
        }
        #expect(coding() == nil)
        #expect(coding("identity") == nil)
        #expect(coding("") == nil)
        #expect(coding("gzip") == .gzip)
        #expect(coding("GZip") == .gzip)
        #expect(coding("x-gzip") == .gzip)
        #expect(coding(" , gzip\t,identity") == .gzip)
        #expect(coding("deflate") == .deflate)
        #expect(coding("identity", "deflate") == .deflate)
        for value in ["br", "zstd", "compress", "gzip, gzip", "gzip;q=1", "gzip br", "deflate, identity, br"]
        {
            #expect(coding(value) == .unsupported, "\(value)")
        }
        #expect(coding("gzip", "br") == .unsupported)
        #expect(coding("gzip", "gzip") == .unsupported)
    }
}
