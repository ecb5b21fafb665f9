import CDigest
import Shared

/// Code and digest of a body in one pass, by the processor's SHA instructions.
///
/// One round has to wait for the one before, so two messages at once take the time of one; and as both
/// consist of the same blocks, those are prepared once.
struct PairedDigest: BodyHashing {
    private static let isSupported = growth_digest_is_supported()

    /// Creates a hasher; nil where the processor has no such instructions.
    init?() {
        guard Self.isSupported else { return nil }
    }

    func hash(_ body: UnsafeRawBufferPointer, key: [UInt8], into result: UnsafeMutableRawBufferPointer) {
        precondition(result.count == 64, "Code and digest are 64 bytes.")
        key.withUnsafeBufferPointer { key in
            // Of an empty body no byte is read.
            let bytes = body.assumingMemoryBound(to: UInt8.self)
            growth_digest_pair(
                key.baseAddress,
                key.count,
                bytes.baseAddress,
                bytes.count,
                result.assumingMemoryBound(to: UInt8.self).baseAddress
            )
        }
    }
}
