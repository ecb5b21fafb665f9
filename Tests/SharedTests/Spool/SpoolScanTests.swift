import Shared
import TestSupport
import Testing

@Suite("Spool scan")
struct SpoolScanTests {
    private static let source = SourceID(literal: "generic-a")

    private func record(_ number: Int, size: Int = 40) throws -> SpoolRecord {
        let text = #"{"n":\#(number),"pad":"\#(String(repeating: "é", count: size / 2))"}"#
        return try #require(
            SpoolRecord(
                source: Self.source,
                spooledAt: Timestamp(milliseconds: Int64(number)),
                envelope: Array(text.utf8)
            )
        )
    }

    /// A segment of records of different sizes, and where each of them begins.
    private func segment(_ count: Int) throws -> (records: [SpoolRecord], starts: [Int], bytes: [UInt8]) {
        var (records, starts, bytes): ([SpoolRecord], [Int], [UInt8]) = ([], [], [])
        for number in 0..<count {
            let record = try record(number, size: number * 37 % 90)
            starts.append(bytes.count)
            records.append(record)
            record.encode(into: &bytes)
            #expect(bytes.count - (starts.last ?? 0) == record.encodedSize)
        }
        return (records, starts, bytes)
    }

    @Test("the checksum is CRC-32C, whatever the pieces in which it is taken")
    func checksum() {
        let digits = Array("123456789".utf8)
        #expect(digits.withUnsafeBytes { CRC32C.checksum($0) } == 0xE306_9283)
        // RFC 3720 appendix B.4: 32 bytes of zeros, of ones, and counting up.
        let vectors: [([UInt8], UInt32)] = [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
        ]
        for (bytes, sum) in vectors {
            #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == sum)
            for cut in 0...bytes.count {
                var crc = CRC32C()
                bytes.withUnsafeBytes {
                    crc.update(UnsafeRawBufferPointer(rebasing: $0[..<cut]))
                    crc.update(UnsafeRawBufferPointer(rebasing: $0[cut...]))
                }
                #expect(crc.value == sum)
            }
        }
    }

    @Test("gives back what was written, and takes no more than asked for")
    func roundTrip() throws {
        let (records, starts, bytes) = try segment(20)
        let scan = SpoolScan(bytes)
        #expect(scan.found.map(\.record) == records)
        #expect(scan.found.map(\.range.lowerBound) == starts)
        #expect(scan.damaged.isEmpty && scan.rest.isEmpty && !scan.isRestTorn)
        let part = SpoolScan(bytes, limit: 3)
        #expect(part.found.map(\.record) == Array(records.prefix(3)))
        #expect(part.rest == starts[3]..<bytes.count)
    }

    @Test("refuses an envelope that could hold the magic")
    func magic() {
        #expect(
            SpoolRecord(source: Self.source, spooledAt: Timestamp(milliseconds: 0), envelope: [0x7B, 0xFF])
                == nil
        )
    }

    @Test("cut at any byte, it keeps every record before the cut and calls the rest torn")
    func cut() throws {
        let (records, starts, bytes) = try segment(6)
        for end in 0..<bytes.count {
            let scan = SpoolScan(Array(bytes[..<end]))
            let whole = (starts.dropFirst() + [bytes.count]).prefix { $0 <= end }.count
            #expect(scan.found.map(\.record) == Array(records.prefix(whole)))
            #expect(scan.damaged.isEmpty)
            #expect(scan.rest == starts[whole]..<end)
            #expect(scan.isRestTorn == (starts[whole] < end))
            let recovery = SpoolRecovery(of: scan, drainedTo: 0, isNewest: true)
            #expect(recovery.keptSize == starts[whole] && recovery.damaged.isEmpty)
            let older = SpoolRecovery(of: scan, drainedTo: 0, isNewest: false)
            #expect(older.keptSize == end && older.damaged == [scan.rest].filter { !$0.isEmpty })
        }
    }

    @Test("any byte changed to anything, it loses the record that holds it and no other")
    func corruption() throws {
        var random = SeededGenerator(test: "spool corruption")
        let (records, starts, bytes) = try segment(6)
        for index in bytes.indices {
            for value in [0, 0xFF, bytes[index] ^ 1, UInt8.random(in: 0...255, using: &random)]
            where value != bytes[index] {
                var damaged = bytes
                damaged[index] = value
                let victim = (starts.firstIndex { $0 > index } ?? records.count) - 1
                var expected = records
                expected.remove(at: victim)
                let scan = SpoolScan(damaged)
                #expect(scan.found.map(\.record) == expected, "byte \(index) became \(value)")
            }
        }
    }

    @Test("of random damage it invents nothing, and covers every byte exactly once")
    func randomDamage() throws {
        var random = SeededGenerator(test: "spool damage")
        let (records, _, bytes) = try segment(12)
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: damaged.indices, using: &random)
                let end = min(damaged.count, start + Int.random(in: 0...60, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: damaged.removeSubrange(start..<end)
                case 1: damaged.insert(contentsOf: damaged[start..<end], at: start)
                case 2: for index in start..<end { damaged[index] = .random(in: 0...255, using: &random) }
                default: damaged.insert(contentsOf: [0xFF, 0x47, 0x53, 1], at: start)
                }
            }
            let scan = SpoolScan(damaged)
            for found in scan.found { #expect(records.contains(found.record)) }
            let ranges = scan.found.map(\.range) + scan.damaged + [scan.rest].filter { !$0.isEmpty }
            var offset = 0
            for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                #expect(range.lowerBound == offset)
                offset = range.upperBound
            }
            #expect(offset == damaged.count)
        }
    }

    @Test("reads a file of nothing but beginnings in linear time")
    func adversarial() {
        // Each header claims everything up to the end of the file.
        var bytes: [UInt8] = []
        for _ in 0..<100_000 {
            bytes += [0xFF, 0x47, 0x53, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        }
        let start = ContinuousClock.now
        let scan = SpoolScan(bytes)
        #expect(scan.found.isEmpty && scan.damaged.count == 99_999)
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}

@Suite("Spool names")
struct SpoolNameTests {
    @Test("a segment's name is read back, and every other name is none")
    func segments() {
        #expect(SpoolSegment.first.fileName == "00000001.spool")
        for number in [1, 99_999_999, 100_000_000] {
            let segment = SpoolSegment(number: number)
            #expect(SpoolSegment(fileName: segment.fileName) == segment)
        }
        #expect(SpoolSegment(number: 99_999_999) < SpoolSegment(number: 100_000_000))
        for name in [
            "1.spool", "00000000.spool", "0000000a.spool", "000000001.spool", "00000001.spool.corrupt", "",
        ] {
            #expect(SpoolSegment(fileName: name) == nil)
        }
    }

    @Test("a cursor is read back, and a changed one is none")
    func cursor() {
        let cursor = SpoolCursor(segment: SpoolSegment(number: 7), offset: 123)
        #expect(SpoolCursor(text: cursor.text) == cursor)
        for index in cursor.text.indices {
            var text = cursor.text
            text.replaceSubrange(index...index, with: text[index] == "3" ? "4" : "3")
            #expect(SpoolCursor(text: text) == nil, "\(text)")
        }
        #expect(SpoolCursor(text: "") == nil)
    }
}
