import CZlib
import NIOCore
import Shared

/// Decodes a compressed body, with a bound on what comes out of it.
struct Inflater {
    /// What became of a body.
    enum Outcome: Hashable {
        /// It was decoded.
        case decoded
        /// It is not what its coding says, is cut off, or something else follows it.
        case undecodable
        /// It is larger than allowed, or looks like a bomb.
        case tooLarge
        /// There is no memory for it at the moment.
        case noRoom
    }

    /// From this many decoded bytes on, ``ratioMax`` holds.
    static let ratioFloor = 256 << 10
    /// How many times its size a body may become.
    ///
    /// JSON of a shop stays below 30; zeros reach 1,000.
    static let ratioMax = 200

    /// How many bytes are decoded at a time.
    private static let stepBytes = 64 << 10

    /// Largest decoded body in bytes.
    let byteMax: Int
    /// Makes room for decoded bytes; false when there is none.
    let reserve: (Int) -> Bool

    /// Decodes a body.
    ///
    /// - Parameters:
    ///   - body: The body as it was sent.
    ///   - coding: How it is encoded.
    ///   - output: Where the decoded bytes go; holds a part of them when they were not all decoded.
    /// - Returns: What became of it.
    func inflate(
        _ body: UnsafeRawBufferPointer,
        coding: ContentCoding,
        into output: inout ByteBuffer
    ) -> Outcome {
        switch coding {
        case .gzip: return inflate(body, windowBits: MAX_WBITS + 16, into: &output)
        case .deflate:
            let outcome = inflate(body, windowBits: MAX_WBITS, into: &output)
            guard outcome == .undecodable else { return outcome }
            output.clear()
            return inflate(body, windowBits: -MAX_WBITS, into: &output)
        case .unsupported: return .undecodable
        }
    }

    private func inflate(
        _ input: UnsafeRawBufferPointer,
        windowBits: Int32,
        into output: inout ByteBuffer
    ) -> Outcome {
        guard let base = input.bindMemory(to: UInt8.self).baseAddress,
            let count = UInt32(exactly: input.count)
        else { return .undecodable }
        // zlib keeps the stream's address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard growth_inflate_init(stream, windowBits) == Z_OK else { return .noRoom }
        defer { inflateEnd(stream) }
        stream.pointee.next_in = base
        stream.pointee.avail_in = count
        while true {
            let (code, written) = step(stream, into: &output)
            if written > 0, !reserve(written) { return .noRoom }
            if isTooLarge(output.readableBytes, from: input.count) { return .tooLarge }
            switch code {
            case Z_STREAM_END:
                let rest = input.suffix(Int(stream.pointee.avail_in))
                // Padding with zeros is common where tapes and blocks were; it means nothing.
                if rest.allSatisfy({ $0 == 0 }) { return .decoded }
                // A file of several members decodes to all of them, one after the other (RFC 1952, 2.2).
                guard windowBits > MAX_WBITS, inflateReset(stream) == Z_OK else { return .undecodable }
            case Z_OK where stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0: continue
            case Z_MEM_ERROR: return .noRoom
            default: return .undecodable
            }
        }
    }

    private func step(
        _ stream: UnsafeMutablePointer<z_stream>,
        into output: inout ByteBuffer
    ) -> (code: Int32, written: Int) {
        var code = Z_OK
        let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.stepBytes) { room in
            let room = UnsafeMutableRawBufferPointer(rebasing: room.prefix(Self.stepBytes))
            stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(room.count)
            code = CZlib.inflate(stream, Z_NO_FLUSH)
            return room.count - Int(stream.pointee.avail_out)
        }
        return (code, written)
    }

    private func isTooLarge(_ decoded: Int, from encoded: Int) -> Bool {
        decoded > byteMax || (decoded > Self.ratioFloor && decoded / Self.ratioMax > encoded)
    }
}
