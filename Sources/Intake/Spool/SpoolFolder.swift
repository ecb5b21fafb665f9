import Glibc
import Logging
import Shared

/// The spool's files and what is in them; used by one thread at a time.
struct SpoolFolder {
    /// A segment on disk.
    struct Segment {
        let name: SpoolSegment
        /// Its durable bytes; what the file holds beyond them was never acknowledged.
        var size: Int
        /// Whether a part of it is no record.
        var isDamaged: Bool
    }

    private static let cursorName = "cursor"

    /// How it stands.
    private(set) var status = SpoolStatus()
    /// Where the next record for Redis stands.
    private(set) var cursor: SpoolCursor

    private let files: SpoolFiles
    private let maxBytes: Int
    private let segmentBytes: Int
    private let logger: Logger
    private var lock: Int32
    /// Oldest first.
    private var segments: [Segment] = []
    /// The descriptor of the last segment while it may be appended to.
    private var writer: Int32?
    private var nextName: SpoolSegment

    /// Takes the folder for this process and recovers what an earlier one left in it.
    ///
    /// - Parameters:
    ///   - files: The folder.
    ///   - maxBytes: The cap on all files.
    ///   - segmentBytes: The size from which on a new segment begins.
    ///   - logger: The log.
    /// - Throws: ``SpoolError`` when another process has the folder, or the system refuses.
    init(files: SpoolFiles, maxBytes: Int, segmentBytes: Int, logger: Logger) throws(SpoolError) {
        self.files = files
        self.maxBytes = maxBytes
        self.segmentBytes = segmentBytes
        self.logger = logger
        try files.createFolder()
        lock = try files.lock()
        cursor = SpoolCursor(segment: .first, offset: 0)
        nextName = .first
        do {
            try recover()
        } catch {
            Glibc.close(lock)
            throw error
        }
    }

    /// Closes the files and lets go of the folder.
    mutating func close() {
        seal()
        if lock >= 0 { Glibc.close(lock) }
        lock = -1
    }

    // MARK: Recovery

    private mutating func recover() throws(SpoolError) {
        let names = try files.names()
        if names.contains(Self.cursorName) {
            let bytes = try files.read(Self.cursorName, 0..<256)
            if let saved = SpoolCursor(text: String(decoding: bytes, as: UTF8.self)) {
                cursor = saved
                nextName = saved.segment.next
            } else {
                logger.error("The spool's cursor is damaged; everything in the spool is drained again.")
            }
        }
        for name in names where name.hasSuffix(SpoolSegment.keptAsideEnding) {
            status.bytes += try files.size(name)
        }
        let found = names.compactMap { SpoolSegment(fileName: $0) }.sorted()
        for name in found {
            nextName = max(nextName, name.next)
            try recover(name, isNewest: name == found.last)
        }
        if status.records > 0 {
            logger.notice("The spool holds webhooks.", metadata: ["records": "\(status.records)"])
        }
    }

    private mutating func recover(_ name: SpoolSegment, isNewest: Bool) throws(SpoolError) {
        let size = try files.size(name.fileName)
        let bytes = try files.read(name.fileName, 0..<size)
        let recovery = SpoolRecovery(
            of: SpoolScan(bytes),
            drainedTo: drainedSize(of: name) ?? size,
            isNewest: isNewest
        )
        if recovery.keptSize < size {
            try keepAside(bytes[recovery.keptSize...], of: name)
            try files.truncate(name.fileName, to: recovery.keptSize)
            logger.notice(
                "A record that was never acknowledged is cut off: the intake ended while it wrote it.",
                metadata: ["segment": "\(name)", "bytes": "\(size - recovery.keptSize)"]
            )
        }
        if let first = recovery.damaged.first { report(first, in: name) }
        segments.append(
            Segment(name: name, size: recovery.keptSize, isDamaged: !recovery.damaged.isEmpty)
        )
        status.bytes += recovery.keptSize
        status.records += recovery.waitingCount
        if status.oldest == nil { status.oldest = recovery.oldest }
    }

    /// Copies what will be cut off where it may be a whole record with a wrong size in its header: an
    /// envelope ends with a brace, and what the end of the process cuts seldom does.
    private mutating func keepAside(_ bytes: ArraySlice<UInt8>, of name: SpoolSegment) throws(SpoolError) {
        guard bytes.last == UInt8(ascii: "}") else { return }
        try files.replace(name.cutOffName, with: Array(bytes))
        status.bytes += bytes.count
        logger.error(
            "What is cut off a segment may be a record; it is kept aside.",
            metadata: ["segment": "\(name)", "bytes": "\(bytes.count)", "kept": "\(name.cutOffName)"]
        )
    }

    private func report(_ range: Range<Int>, in segment: SpoolSegment) {
        logger.error(
            "A part of the spool can't be read; the file is kept aside once the rest of it is drained.",
            metadata: [
                "segment": "\(segment)", "offset": "\(range.lowerBound)", "bytes": "\(range.count)",
                "kept": "\(segment.keptAsideName)",
            ]
        )
    }

    // MARK: Appending

    /// Whether a record of a size fits below the cap.
    func fits(_ size: Int) -> Bool { status.bytes + size <= maxBytes }

    /// Appends records with one write and one sync: all of them are durable afterwards, or none.
    ///
    /// - Parameters:
    ///   - records: The records.
    ///   - isMove: Whether they are the spool's own, and stand further in front until the cursor has passed
    ///     them. These may exceed the cap, by a segment and the records at most: a full spool could not drain
    ///     otherwise.
    /// - Throws: ``SpoolError``.
    mutating func append(_ records: [SpoolRecord], isMove: Bool = false) throws(SpoolError) {
        guard let first = records.first else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(0) { $0 + $1.encodedSize })
        for record in records { record.encode(into: &bytes) }
        guard isMove ? status.bytes <= maxBytes + segmentBytes : fits(bytes.count) else { throw .full }
        let descriptor = try openWriter()
        let last = segments.count - 1
        do {
            try files.write(bytes, to: descriptor, name: segments[last].name.fileName)
        } catch {
            undo()
            throw error
        }
        segments[last].size += bytes.count
        status.bytes += bytes.count
        status.records += records.count
        if status.oldest == nil { status.oldest = first.spooledAt }
    }

    private mutating func openWriter() throws(SpoolError) -> Int32 {
        if let writer, segments[segments.count - 1].size < segmentBytes { return writer }
        seal()
        let descriptor = try files.create(nextName.fileName)
        segments.append(Segment(name: nextName, size: 0, isDamaged: false))
        nextName = nextName.next
        writer = descriptor
        return descriptor
    }

    /// Cuts off what a failed write left, and begins a new segment next time: after a failed sync nobody
    /// knows what of the file is on the disk.
    private mutating func undo() {
        seal()
        let segment = segments[segments.count - 1]
        do {
            if segment.size == 0 {
                try files.delete(segment.name.fileName)
                segments.removeLast()
            } else {
                try files.truncate(segment.name.fileName, to: segment.size)
            }
        } catch {
            logger.error("What a failed write left can't be cut off.", metadata: ["error": "\(error)"])
        }
    }

    private mutating func seal() {
        if let writer { Glibc.close(writer) }
        writer = nil
    }

    // MARK: Draining

    /// Reads the oldest records; nil when there is none.
    ///
    /// - Parameters:
    ///   - maxRecords: How many at most.
    ///   - maxBytes: How much of the file at most, unless one record is larger.
    /// - Returns: The records, or nil.
    /// - Throws: ``SpoolError`` when a file can't be read.
    mutating func next(maxRecords: Int, maxBytes: Int) throws(SpoolError) -> SpoolBatch? {
        while let segment = segments.first, lock >= 0 {
            let offset = drainedSize(of: segment.name) ?? segment.size
            let scan = try window(of: segment, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
            if let damage = scan?.damaged.first { markDamage(damage, from: offset) }
            if let scan, let first = scan.found.first, let last = scan.found.last {
                status.oldest = first.record.spooledAt
                return SpoolBatch(
                    records: scan.found.map(\.record),
                    start: cursor,
                    end: SpoolCursor(segment: segment.name, offset: offset + last.range.upperBound)
                )
            }
            if let scan, !scan.rest.isEmpty { markDamage(scan.rest, from: offset) }
            move(to: SpoolCursor(segment: segment.name, offset: segment.size))
        }
        return nil
    }

    /// How much of a segment is drained; nil for all of it, also when it should be gone already.
    private func drainedSize(of segment: SpoolSegment) -> Int? {
        if segment < cursor.segment { return nil }
        return segment == cursor.segment ? cursor.offset : 0
    }

    /// Scans from an offset on: `maxBytes`, and twice as much as long as that holds no whole record.
    private func window(
        of segment: Segment,
        from offset: Int,
        maxRecords: Int,
        maxBytes: Int
    ) throws(SpoolError) -> SpoolScan? {
        guard offset < segment.size else { return nil }
        var width = maxBytes
        while true {
            let end = min(segment.size, offset + width)
            let scan = SpoolScan(
                try files.read(segment.name.fileName, offset..<end),
                limit: maxRecords
            )
            if !scan.found.isEmpty || end == segment.size { return scan }
            width *= 2
        }
    }

    private mutating func markDamage(_ range: Range<Int>, from offset: Int) {
        guard !segments.isEmpty, !segments[0].isDamaged else { return }
        segments[0].isDamaged = true
        report(offset + range.lowerBound..<offset + range.upperBound, in: segments[0].name)
    }

    /// Notes that Redis has taken a batch, all but so many of its records, which stand further behind now.
    mutating func confirm(_ batch: SpoolBatch, refused: Int = 0) {
        // Without the lock, another process may be at work.
        guard batch.start == cursor, lock >= 0 else { return }
        status.records = max(0, status.records - batch.records.count)
        status.drained += batch.records.count - refused
        if status.records == 0 { status.oldest = nil }
        move(to: batch.end)
    }

    /// Moves the cursor, and removes the first segment once it is behind it.
    private mutating func move(to place: SpoolCursor) {
        guard let segment = segments.first, segment.name == place.segment else { return }
        let isDone = place.offset >= segment.size
        cursor = max(cursor, isDone ? SpoolCursor(segment: segment.name.next, offset: 0) : place)
        do {
            // Without room for it, the old cursor stays: what it misses is drained again after a crash.
            try files.replace(Self.cursorName, with: Array(cursor.text.utf8))
        } catch {
            logger.error("The spool's cursor can't be written.", metadata: ["error": "\(error)"])
        }
        guard isDone else { return }
        if segments.count == 1 { seal() }
        segments.removeFirst()
        do {
            if segment.isDamaged {
                try files.rename(segment.name.fileName, to: segment.name.keptAsideName)
            } else {
                try files.delete(segment.name.fileName)
                status.bytes -= segment.size
            }
        } catch {
            logger.error("A drained segment can't be removed.", metadata: ["error": "\(error)"])
        }
    }
}
