import Foundation
import Shared

/// What lies in the intake's spool, read from its files without disturbing it.
struct SpoolReading {
    /// Why nothing is known.
    enum Absence: String {
        /// It is switched off.
        case off
        /// The intake has not made it yet.
        case missing
        /// Whoever runs this may not read it.
        case unreadable
    }

    /// Why nothing is known; nil where something is.
    private(set) var absence: Absence?
    /// Bytes on disk, also of what is drained but not deleted yet.
    private(set) var bytes = 0
    /// What it may take on disk (`GROWTH_SPOOL_MAX_BYTES`); full, the intake answers 503.
    private(set) var limit = 0
    /// Webhooks that wait for Redis; nil where there are too many to count.
    private(set) var records: Int? = 0
    /// When the oldest of them was spooled.
    private(set) var oldest: Timestamp?
    /// Files that hold damaged bytes.
    private(set) var damagedFiles: [String] = []

    /// How many bytes are read to count what waits: more would take seconds.
    private static let countedBytes = 256 << 20

    /// Reads the spool that the settings name.
    init(_ settings: Settings) {
        limit = settings.spoolMaxBytes
        guard limit > 0 else {
            absence = .off
            return
        }
        let folder = "\(settings.home)/spool"
        let files = FileManager.default
        guard files.fileExists(atPath: folder) else {
            absence = .missing
            return
        }
        guard let names = try? files.contentsOfDirectory(atPath: folder) else {
            absence = .unreadable
            return
        }
        damagedFiles = names.filter { $0.hasSuffix(SpoolSegment.keptAsideEnding) }.sorted()
        let segments = names.compactMap { SpoolSegment(fileName: $0) }.sorted()
        for name in damagedFiles + segments.map(\.fileName) {
            bytes += (try? files.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int) ?? 0
        }
        let saved = files.contents(atPath: "\(folder)/cursor").flatMap {
            SpoolCursor(text: String(decoding: $0, as: UTF8.self))
        }
        count(segments, in: folder, from: saved ?? SpoolCursor(segment: .first, offset: 0))
    }

    private mutating func count(_ segments: [SpoolSegment], in folder: String, from cursor: SpoolCursor) {
        var read = 0
        for segment in segments where segment >= cursor.segment {
            guard read < Self.countedBytes else {
                records = nil
                return
            }
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(segment.fileName)") else {
                // Drained and deleted since the folder was listed, unless it may not be read.
                if FileManager.default.fileExists(atPath: "\(folder)/\(segment.fileName)") {
                    absence = .unreadable
                }
                continue
            }
            read += data.count
            let scan = data.withUnsafeBytes { SpoolScan($0) }
            let drained = segment == cursor.segment ? cursor.offset : 0
            let waiting = SpoolRecovery(of: scan, drainedTo: drained, isNewest: segment == segments.last)
            records = records.map { $0 + waiting.waitingCount }
            oldest = oldest ?? waiting.oldest
        }
    }

    /// How long the oldest webhook has waited, in seconds; nil when none waits.
    func oldestSeconds(at now: Timestamp) -> Int? {
        oldest.map { Int(now.milliseconds(since: $0) / 1000) }
    }

    /// From this share of its limit on, in per cent, the spool is called nearly full.
    static let fullPercent = 80

    /// How much of its limit it takes, in per cent.
    var usedPercent: Int { limit > 0 ? Int((Double(bytes) / Double(limit) * 100).rounded(.down)) : 0 }

    /// The reading as one row.
    func table(at now: Timestamp) -> Table {
        var table = Table(columns: [
            "spool", "waiting", "bytes", "limit_bytes", "oldest_seconds", "damaged_files",
        ])
        guard absence == nil else {
            let most: Table.Cell = limit > 0 ? .bytes(limit) : .none
            table.rows = [[.text(absence?.rawValue ?? ""), .none, .none, most, .none, .none]]
            return table
        }
        let seconds = oldestSeconds(at: now)
        table.rows = [
            [
                .text(seconds == nil ? "empty" : "waiting"), records.map { .number($0) } ?? .none,
                Table.Cell.bytes(bytes).marked(.red, if: usedPercent >= Self.fullPercent), .bytes(limit),
                seconds.map { Table.Cell.seconds($0).marked(.red, if: $0 >= 300) } ?? .none,
                Table.Cell.number(damagedFiles.count).marked(.red, if: !damagedFiles.isEmpty),
            ]
        ]
        return table
    }
}
