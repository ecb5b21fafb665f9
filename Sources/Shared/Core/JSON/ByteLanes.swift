/// Sixteen bytes that are looked at together.
///
/// Comparing two vectors is one instruction; comparing a vector with a scalar, as the standard library also
/// offers it, is a loop over its lanes. Hence constants are spread here.
enum ByteLanes {
    /// Sixteen times the same byte.
    @inline(__always)
    static func all(_ byte: UInt8) -> SIMD16<UInt8> {
        let word = UInt64(byte) &* 0x0101_0101_0101_0101
        return unsafeBitCast(SIMD2(word, word), to: SIMD16<UInt8>.self)
    }

    /// Sixteen times the same byte, for comparisons with a sign.
    @inline(__always)
    static func allSigned(_ byte: UInt8) -> SIMD16<Int8> {
        unsafeBitCast(all(byte), to: SIMD16<Int8>.self)
    }

    /// For each lane, 0xFF where it is set and 0 where not; the first eight lanes, then the others.
    @inline(__always)
    static func marks(_ lanes: SIMDMask<SIMD16<Int8>>) -> SIMD2<UInt64> {
        unsafeBitCast(lanes, to: SIMD2<UInt64>.self)
    }

    /// How many bytes are marked.
    @inline(__always)
    static func count(_ marks: SIMD2<UInt64>) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // The product's highest byte is the sum of all bytes, of which none is more than two.
        return (((marks[0] & ones) &+ (marks[1] & ones)) &* ones) &>> 56
    }
}
