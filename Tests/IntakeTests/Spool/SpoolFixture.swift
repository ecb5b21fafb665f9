import Foundation
import Logging
import Shared
import Synchronization
import TestSupport
import Testing

@testable import growth_intake

/// A spool in a temporary folder, and ways to use it from a test's thread.
final class SpoolFixture {
    let home: TemporaryDirectory
    let clock = ManualClock()
    let folder: String

    init() throws {
        home = try TemporaryDirectory()
        folder = home.file("state/spool")
    }

    /// Opens the spool, as the intake does at its start.
    func open(
        maxBytes: Int = 1 << 20,
        segmentBytes: Int = 1 << 20,
        _ change: (inout SpoolFiles) -> Void = { _ in }
    ) throws -> DiskSpool {
        var files = SpoolFiles(folder: folder)
        change(&files)
        return try DiskSpool(
            files: files,
            maxBytes: maxBytes,
            segmentBytes: segmentBytes,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// A record that tells its number.
    func record(_ number: Int, padding: Int = 0) throws -> SpoolRecord {
        let pad = String(repeating: "x", count: padding)
        return try #require(
            SpoolRecord(
                source: SourceID(literal: "generic-a"),
                spooledAt: clock.now,
                envelope: Array(#"{"n":\#(number),"pad":"\#(pad)"}"#.utf8)
            )
        )
    }

    /// Names of the folder's files.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// The bytes of a file of the folder.
    func bytes(_ name: String) throws -> [UInt8] {
        Array(try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
    }

    /// Replaces a file of the folder.
    func write(_ bytes: [UInt8], to name: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
}

extension DiskSpool {
    /// Appends all records at once, and returns what became of each.
    func append(_ records: [SpoolRecord]) async -> [SpoolError?] {
        let errors = Mutex([SpoolError?](repeating: nil, count: records.count))
        let left = Mutex(records.count)
        await withCheckedContinuation { continuation in
            for (index, record) in records.enumerated() {
                append(record) { error in
                    errors.withLock { $0[index] = error }
                    let isLast = left.withLock { left in
                        left -= 1
                        return left == 0
                    }
                    if isLast { continuation.resume() }
                }
            }
        }
        return errors.withLock { $0 }
    }

    /// Reads the next batch.
    func next(maxRecords: Int = 256, maxBytes: Int = 1 << 20) async throws -> SpoolBatch? {
        try await withCheckedThrowingContinuation { continuation in
            next(maxRecords: maxRecords, maxBytes: maxBytes) { result in
                continuation.resume(with: result.mapError { $0 as any Error })
            }
        }
    }

    /// Notes that Redis has a batch.
    func confirm(_ batch: SpoolBatch) async {
        await withCheckedContinuation { continuation in
            confirm(batch) { continuation.resume() }
        }
    }

    /// Puts records of a batch behind all others, and returns why nothing was changed.
    func moveBehind(_ refused: [SpoolRecord], of batch: SpoolBatch) async -> SpoolError? {
        await withCheckedContinuation { continuation in
            moveBehind(refused, of: batch) { continuation.resume(returning: $0) }
        }
    }

    /// Drains everything, and returns it in order.
    func drainAll(maxRecords: Int = 256, maxBytes: Int = 1 << 20) async throws -> [SpoolRecord] {
        var records: [SpoolRecord] = []
        while let batch = try await next(maxRecords: maxRecords, maxBytes: maxBytes) {
            records += batch.records
            await confirm(batch)
        }
        return records
    }
}
