/// What a stretch of a segment holds: whole records, damage between them, and a rest at its end.
///
/// Total: any bytes give a scan. A record's checksum is taken only when no other record begins within it, so
/// every byte is looked at a bounded number of times: O(n).
public struct SpoolScan: Sendable {
    /// A record and where it stands.
    public struct Found: Hashable, Sendable {
        /// The bytes of the stretch that it covers.
        public let range: Range<Int>
        /// The record.
        public let record: SpoolRecord
    }

    /// The whole records, in order.
    public private(set) var found: [Found] = []
    /// What is no record, although a record follows it.
    public private(set) var damaged: [Range<Int>] = []
    /// What stands behind the last record; empty when nothing does.
    public private(set) var rest: Range<Int>
    /// Whether the rest is the beginning of a record whose end is missing.
    public private(set) var isRestTorn = false

    /// Scans bytes for at most `limit` records.
    ///
    /// With fewer than all records, the rest begins behind the last one that was taken.
    public init(_ bytes: UnsafeRawBufferPointer, limit: Int = .max) {
        var offset = 0
        rest = bytes.count..<bytes.count
        while offset < bytes.count {
            guard found.count < limit else {
                rest = offset..<bytes.count
                return
            }
            switch Self.step(bytes, at: offset) {
            case .record(let record, let end):
                found.append(Found(range: offset..<end, record: record))
                offset = end
            case .damage(let until?):
                damaged.append(offset..<until)
                offset = until
            case .damage(nil):
                rest = offset..<bytes.count
                return
            case .torn:
                rest = offset..<bytes.count
                isRestTorn = true
                return
            }
        }
    }

    /// Scans bytes for at most `limit` records.
    public init(_ bytes: [UInt8], limit: Int = .max) {
        self = bytes.withUnsafeBytes { SpoolScan($0, limit: limit) }
    }

    private enum Step {
        /// A whole record and where it ends.
        case record(SpoolRecord, end: Int)
        /// No record, up to where the next one seems to begin.
        case damage(until: Int?)
        /// The beginning of a record, up to the end of the bytes.
        case torn
    }

    private static func step(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Step {
        let left = bytes.count - offset
        guard beginsWithMagic(bytes, at: offset) else {
            return .damage(until: nextMagic(bytes, in: offset + 1..<bytes.count))
        }
        // The end of the bytes may cut a header, but what cuts it must not be the next record.
        if let next = nextMagic(bytes, in: offset + 1..<min(offset + SpoolRecord.headerSize, bytes.count)) {
            return .damage(until: next)
        }
        guard left >= SpoolRecord.headerSize else { return .torn }
        let sum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        let size = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
        let time = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 12, as: Int64.self))
        let nameSize = Int(bytes[offset + 20])
        guard size <= SpoolRecord.envelopeMax, (1...64).contains(nameSize) else {
            return .damage(until: nextMagic(bytes, in: offset + 1..<bytes.count))
        }
        let total = SpoolRecord.headerSize + nameSize + Int(size)
        let end = offset + min(total, left)
        if let next = nextMagic(bytes, in: offset + 1..<end) { return .damage(until: next) }
        guard total <= left else { return .torn }
        let nameStart = offset + SpoolRecord.headerSize
        let name = String(decoding: bytes[nameStart..<nameStart + nameSize], as: UTF8.self)
        guard CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<end])) == sum,
            let source = SourceID(name)
        else {
            return .damage(until: nextMagic(bytes, in: max(offset + 1, end - 3)..<bytes.count))
        }
        let record = SpoolRecord(
            found: source,
            spooledAt: Timestamp(milliseconds: time),
            envelope: Array(bytes[nameStart + nameSize..<end])
        )
        return .record(record, end: end)
    }

    /// Whether the magic stands at an offset, or as much of it as the bytes have room for.
    private static func beginsWithMagic(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        bytes[offset..<min(offset + SpoolRecord.magic.count, bytes.count)].elementsEqual(
            SpoolRecord.magic.prefix(bytes.count - offset)
        )
    }

    /// Where the next magic begins within a range, or nil; one that the end of the bytes cuts counts too.
    private static func nextMagic(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if bytes[offset] == SpoolRecord.magic[0], beginsWithMagic(bytes, at: offset) { return offset }
            offset += 1
        }
        return nil
    }
}
