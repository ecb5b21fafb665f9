/// One accepted envelope on its way through the intake's disk spool.
///
/// On disk, numbers in little-endian order:
///
/// | bytes | content |
/// |---|---|
/// | 4 | the magic `FF 'G' 'S' 01`; 01 is the version |
/// | 4 | CRC-32C of everything after it |
/// | 4 | size of the envelope |
/// | 8 | when it was spooled, in milliseconds since 1970 |
/// | 1 | size of the source's name |
/// | … | the source's name, then the envelope |
///
/// No UTF-8 text holds the byte FF, so the magic stands only where a record begins: a reader that met damage
/// finds the next record by it.
public struct SpoolRecord: Hashable, Sendable {
    /// The bytes with which every record begins.
    static let magic: [UInt8] = [0xFF, UInt8(ascii: "G"), UInt8(ascii: "S"), 1]
    /// Size of what stands before the source's name.
    static let headerSize = 21
    /// Largest envelope in bytes.
    static let envelopeMax = 128 << 20

    /// The queue for which it is meant.
    public let source: SourceID
    /// When it was spooled.
    public let spooledAt: Timestamp
    /// The envelope, one line of JSON.
    public let envelope: [UInt8]

    /// Creates a record.
    ///
    /// Returns nil for what could not be read again: bytes that hold FF and so are no UTF-8, or more than
    /// 128 MiB.
    public init?(source: SourceID, spooledAt: Timestamp, envelope: [UInt8]) {
        guard envelope.count <= Self.envelopeMax, !envelope.contains(0xFF) else { return nil }
        self.source = source
        self.spooledAt = spooledAt
        self.envelope = envelope
    }

    /// Creates a record that a scan found.
    init(found source: SourceID, spooledAt: Timestamp, envelope: [UInt8]) {
        self.source = source
        self.spooledAt = spooledAt
        self.envelope = envelope
    }

    /// Its size on disk in bytes.
    public var encodedSize: Int { Self.headerSize + source.name.utf8.count + envelope.count }

    /// Appends the bytes that stand on disk.
    public func encode(into output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: Self.magic)
        output.append(contentsOf: [0, 0, 0, 0])
        Self.append(UInt32(envelope.count), to: &output)
        Self.append(spooledAt.milliseconds, to: &output)
        // A source's name has at most 64 bytes.
        output.append(UInt8(source.name.utf8.count))
        output.append(contentsOf: source.name.utf8)
        output.append(contentsOf: envelope)
        output.withUnsafeMutableBytes { bytes in
            let sum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[(start + 8)...]))
            bytes.storeBytes(of: sum.littleEndian, toByteOffset: start + 4, as: UInt32.self)
        }
    }

    private static func append(_ number: some FixedWidthInteger, to output: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
    }
}
