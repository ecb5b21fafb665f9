/// The checksum CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step by tables.
///
/// The check value of `123456789` is `0xE3069283`.
public struct CRC32C: Sendable {
    private var state: UInt32 = .max

    /// Creates the checksum of no bytes.
    public init() {}

    /// The checksum of the bytes so far.
    public var value: UInt32 { ~state }

    /// Returns the checksum of bytes; O(n).
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var sum = CRC32C()
        sum.update(bytes)
        return sum.value
    }

    /// Takes further bytes; O(n).
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var crc = state
        Self.tables.withUnsafeBufferPointer { tables in
            var index = 0
            while index &+ 8 <= bytes.count {
                let low = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian ^ crc
                let high = bytes.loadUnaligned(fromByteOffset: index &+ 4, as: UInt32.self).littleEndian
                crc = tables[0x700 &+ Int(low & 0xFF)] ^ tables[0x600 &+ Int(low >> 8 & 0xFF)]
                crc ^= tables[0x500 &+ Int(low >> 16 & 0xFF)] ^ tables[0x400 &+ Int(low >> 24)]
                crc ^= tables[0x300 &+ Int(high & 0xFF)] ^ tables[0x200 &+ Int(high >> 8 & 0xFF)]
                crc ^= tables[0x100 &+ Int(high >> 16 & 0xFF)] ^ tables[Int(high >> 24)]
                index &+= 8
            }
            while index < bytes.count {
                crc = tables[Int((crc ^ UInt32(bytes[index])) & 0xFF)] ^ crc >> 8
                index &+= 1
            }
        }
        state = crc
    }

    /// Table k holds, for a byte, its remainder after k further zero bytes.
    private static let tables: [UInt32] = {
        // The polynomial 0x1EDC6F41, its bits in reverse.
        let polynomial: UInt32 = 0x82F6_3B78
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
        }
        for index in 256..<2048 {
            let before = tables[index - 256]
            tables.append(tables[Int(before & 0xFF)] ^ before >> 8)
        }
        return tables
    }()
}
