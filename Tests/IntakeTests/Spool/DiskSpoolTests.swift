import Foundation
import Shared
import Synchronization
import TestSupport
import Testing

@testable import growth_intake

@Suite("Disk spool")
struct DiskSpoolTests {
    @Test("what it took is there after the next start, in order, and gone once it is drained")
    func survives() async throws {
        let fixture = try SpoolFixture()
        let records = try (0..<50).map { try fixture.record($0) }
        var spool = try fixture.open()
        #expect(await spool.append(records).allSatisfy { $0 == nil })
        #expect(spool.status.records == 50)
        await spool.close()

        spool = try fixture.open()
        fixture.clock.advance(byMilliseconds: 90_000)
        #expect(spool.status.records == 50)
        #expect(spool.status.prometheusText(at: fixture.clock.now).contains("oldest_seconds 90\n"))
        #expect(try await spool.drainAll(maxRecords: 7) == records)
        #expect(spool.status.records == 0 && spool.status.bytes == 0 && spool.status.drained == 50)
        #expect(spool.status.oldest == nil)
        #expect(try fixture.names() == ["cursor", "lock"])
        await spool.close()
        #expect(try fixture.open().status.records == 0)
    }

    @Test("many at once share few writes")
    func groupCommit() async throws {
        let fixture = try SpoolFixture()
        let syncs = Tally()
        let first = DispatchSemaphore(value: 0)
        let spool = try fixture.open { files in
            files.syncCall = { descriptor in
                // The first write waits until everything else has come in.
                if syncs.increment() == 1 { first.wait() }
                return fdatasync(descriptor)
            }
        }
        let records = try (0..<200).map { try fixture.record($0) }
        let done = Tally()
        for record in records { spool.append(record) { if $0 == nil { _ = done.increment() } } }
        first.signal()
        #expect(Eventually.holds(within: .seconds(10)) { done.value == 200 })
        #expect((1...2).contains(syncs.value), "\(syncs.value) syncs for 200 records")
        #expect(try await spool.drainAll() == records)
    }

    @Test("nobody else can read it, and nobody else can use it at the same time")
    func exclusive() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        #expect(await spool.append([try fixture.record(1)]) == [nil])
        for name in ["00000001.spool", "lock"] {
            let mode = try FileManager.default.attributesOfItem(atPath: "\(fixture.folder)/\(name)")[
                .posixPermissions
            ]
            #expect(mode as? Int == 0o600)
        }
        let error = #expect(throws: SpoolError.self) { try fixture.open() }
        #expect(error?.code == .inUse)
        #expect("\(error.map(\.description) ?? "")".contains(fixture.folder))
        await spool.close()
        _ = try fixture.open()
    }

    @Test("takes nothing beyond its cap, says so, and takes again when it is drained")
    func cap() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open(maxBytes: 4096)
        let records = try (0..<100).map { try fixture.record($0, padding: 100) }
        let results = await spool.append(records)
        let taken = zip(records, results).filter { $0.1 == nil }.map(\.0)
        #expect(taken.count > 10 && taken.count < 40)
        #expect(results.contains { $0?.code == .full })
        #expect(spool.status.bytes <= 4096)
        #expect(spool.status.failed == 100 - taken.count)
        let size = try fixture.names().filter { $0.hasSuffix(".spool") }.reduce(0) {
            try $0 + fixture.bytes($1).count
        }
        #expect(size == spool.status.bytes)
        #expect(try await spool.drainAll() == taken)
        #expect(spool.isReady)
        #expect(await spool.append([records[99]]) == [nil])
    }

    @Test("a disk that fails in the middle of a write leaves nothing behind, and what was there stays")
    func failingDisk() async throws {
        let fixture = try SpoolFixture()
        let failing = Tally()
        let spool = try fixture.open { files in
            files.writeCall = { descriptor, bytes in
                if failing.value == 0 { return write(descriptor, bytes.baseAddress, bytes.count) }
                // A short write, then no more room.
                if failing.increment() == 2 { return write(descriptor, bytes.baseAddress, 10) }
                errno = ENOSPC
                return -1
            }
        }
        #expect(await spool.append([try fixture.record(1)]) == [nil])
        let before = try fixture.bytes("00000001.spool")
        _ = failing.increment()
        let error = try #require(await spool.append([try fixture.record(2)])[0])
        #expect(error.code == .system && error.description.contains("No space left"))
        #expect(try fixture.bytes("00000001.spool") == before)
        #expect(!spool.isReady)
        fixture.clock.advance(byMilliseconds: 6000)
        #expect(spool.isReady)
        failing.reset()
        #expect(await spool.append([try fixture.record(3)]) == [nil])
        let envelopes = try await spool.drainAll().map(\.envelope)
        #expect(try envelopes == [fixture.record(1).envelope, fixture.record(3).envelope])
    }

    @Test("what is read but not confirmed is read again after a kill; a lost cursor only repeats")
    func cursor() async throws {
        let fixture = try SpoolFixture()
        let records = try (0..<20).map { try fixture.record($0) }
        var spool = try fixture.open()
        #expect(await spool.append(records).allSatisfy { $0 == nil })
        let first = try #require(try await spool.next(maxRecords: 8))
        await spool.confirm(first)
        _ = try await spool.next(maxRecords: 8)
        await spool.close()
        spool = try fixture.open()
        #expect(spool.status.records == 12)
        #expect(try await spool.next()?.records == Array(records[8...]))
        await spool.close()
        try fixture.write(Array("00000001.spool 400 0\n".utf8), to: "cursor")
        spool = try fixture.open()
        #expect(try await spool.drainAll() == records)
    }

    @Test("fills segment after segment and deletes each once it is drained")
    func segments() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open(segmentBytes: 300)
        let records = try (0..<30).map { try fixture.record($0, padding: 50) }
        for record in records { #expect(await spool.append([record]) == [nil]) }
        let segments = try fixture.names().filter { $0.hasSuffix(".spool") }.count
        #expect(segments > 5)
        let batch = try #require(try await spool.next(maxRecords: 4))
        await spool.confirm(batch)
        #expect(try fixture.names().filter { $0.hasSuffix(".spool") }.count < segments)
        #expect(
            try await spool.drainAll(maxRecords: 2, maxBytes: 16) == Array(records[batch.records.count...])
        )
        #expect(try fixture.names() == ["cursor", "lock"])
    }

    @Test("full, it still puts records behind others, within a bound, and takes no new ones meanwhile")
    func moveWhenFull() async throws {
        let fixture = try SpoolFixture()
        let (cap, segment) = (20_000, 2_000)
        let spool = try fixture.open(maxBytes: cap, segmentBytes: segment)
        var count = 0
        while await spool.append([try fixture.record(count, padding: 300)]) == [nil] { count += 1 }
        #expect(count > 40)
        var peak = 0
        for _ in 0..<2 * count {
            let batch = try #require(try await spool.next(maxRecords: 1))
            #expect(await spool.moveBehind(batch.records, of: batch) == nil)
            peak = max(peak, spool.status.bytes)
        }
        #expect(peak > cap && peak < cap + 2 * segment)
        #expect(await spool.append([try fixture.record(count, padding: 300)]) == [.full])
        #expect(try await spool.drainAll().count == count)
    }

    @Test("closed, it takes nothing")
    func closed() async throws {
        let fixture = try SpoolFixture()
        let spool = try fixture.open()
        await spool.close()
        #expect(await spool.append([try fixture.record(1)])[0]?.code == .closed)
        #expect(!spool.isReady)
    }
}

/// A counter that several threads use.
final class Tally: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }

    func reset() {
        count.withLock { $0 = 0 }
    }
}
