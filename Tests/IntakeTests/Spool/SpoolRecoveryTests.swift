import Foundation
import Shared
import TestSupport
import Testing

@testable import growth_intake

@Suite("Spool recovery")
struct SpoolRecoveryTests {
    private func segment(
        _ fixture: SpoolFixture,
        count: Int
    ) throws -> (records: [SpoolRecord], bytes: [UInt8]) {
        let records = try (0..<count).map { try fixture.record($0) }
        var bytes: [UInt8] = []
        for record in records { record.encode(into: &bytes) }
        return (records, bytes)
    }

    @Test("a segment cut at any byte gives every whole record, and takes new ones afterwards")
    func cut() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 3)
        let size = bytes.count / 3
        for end in 0...bytes.count {
            try? FileManager.default.removeItem(atPath: fixture.folder)
            try fixture.write(Array(bytes[..<end]), to: "00000004.spool")
            let spool = try fixture.open()
            let whole = end / size
            #expect(spool.status.records == whole)
            #expect(try fixture.bytes("00000004.spool").count == whole * size)
            let new = try fixture.record(99)
            #expect(await spool.append([new]) == [nil])
            #expect(try await spool.drainAll() == Array(records[..<whole]) + [new])
            #expect(try fixture.names() == ["cursor", "lock"])
            await spool.close()
        }
    }

    @Test("a segment with a damaged byte gives all other records and is kept aside afterwards")
    func damaged() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 4)
        let size = bytes.count / 4
        for index in stride(from: size, to: size * 2, by: 3) {
            try? FileManager.default.removeItem(atPath: fixture.folder)
            var damaged = bytes
            damaged[index] ^= 0x80
            try fixture.write(damaged, to: "00000001.spool")
            let spool = try fixture.open()
            #expect(try await spool.drainAll() == [records[0], records[2], records[3]])
            #expect(try fixture.bytes("00000001.spool.corrupt") == damaged)
            #expect(spool.status.records == 0 && spool.status.bytes == damaged.count)
            await spool.close()
            // What is kept aside counts towards the cap until an operator has looked at it.
            let again = try fixture.open()
            #expect(again.status.bytes == damaged.count)
            await again.close()
        }
    }

    @Test("a wrong size in the last record of a segment is damage and no torn end: nothing is deleted")
    func wrongSize() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 3)
        let size = bytes.count / 3
        for index in size * 2 + 8..<size * 2 + 12 {
            for bit in 0..<8 {
                try? FileManager.default.removeItem(atPath: fixture.folder)
                var damaged = bytes
                damaged[index] ^= 1 << bit
                try fixture.write(damaged, to: "00000001.spool")
                try fixture.write(bytes, to: "00000002.spool")
                let spool = try fixture.open()
                #expect(try await spool.drainAll() == Array(records[..<2]) + records)
                #expect(try fixture.bytes("00000001.spool.corrupt") == damaged, "byte \(index), bit \(bit)")
                await spool.close()
            }
        }
    }

    @Test("what may be a record is kept aside before it is cut off the newest segment")
    func cutOff() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 3)
        let size = bytes.count / 3
        var damaged = bytes
        damaged[size * 2 + 8] ^= 0x80
        try fixture.write(damaged, to: "00000001.spool")
        let spool = try fixture.open()
        #expect(try fixture.bytes("00000001.cut.corrupt") == Array(damaged[(size * 2)...]))
        #expect(spool.status.bytes == damaged.count)
        #expect(try await spool.drainAll() == Array(records[..<2]))
        #expect(try fixture.names() == ["00000001.cut.corrupt", "cursor", "lock"])
        await spool.close()
    }

    @Test("damage behind the cursor is kept aside as well, and nothing before the cursor comes again")
    func damageBehindCursor() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 4)
        var damaged = bytes
        damaged[5] ^= 1
        try fixture.write(damaged, to: "00000001.spool")
        let cursor = SpoolCursor(segment: .first, offset: bytes.count / 2)
        try fixture.write(Array(cursor.text.utf8), to: "cursor")
        let spool = try fixture.open()
        #expect(spool.status.records == 2)
        #expect(try await spool.drainAll() == Array(records[2...]))
        #expect(try fixture.names() == ["00000001.spool.corrupt", "cursor", "lock"])
    }

    @Test("a segment that should be gone already is not drained again, and no number is used twice")
    func leftover() async throws {
        let fixture = try SpoolFixture()
        let (records, bytes) = try segment(fixture, count: 2)
        try fixture.write(bytes, to: "00000001.spool")
        try fixture.write(bytes, to: "00000003.spool")
        let cursor = SpoolCursor(segment: SpoolSegment(number: 3), offset: bytes.count / 2)
        try fixture.write(Array(cursor.text.utf8), to: "cursor")
        let spool = try fixture.open()
        #expect(spool.status.records == 1)
        let new = try fixture.record(9)
        #expect(await spool.append([new]) == [nil])
        #expect(try fixture.names().contains("00000004.spool"))
        #expect(try await spool.drainAll() == [records[1], new])
        #expect(try fixture.names() == ["cursor", "lock"])
    }

    @Test("one record larger than a read is drained whole")
    func large() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        let records = [try fixture.record(1, padding: 200_000), try fixture.record(2)]
        #expect(await spool.append(records) == [nil, nil])
        #expect(try await spool.drainAll(maxBytes: 1000) == records)
    }
}
