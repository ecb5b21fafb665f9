@testable import Shared

extension FuzzTarget {
    /// The spool's scan on any bytes, and on records that were damaged: only whole records come out, and
    /// never one that was not written.
    static let spool = FuzzTarget(
        name: "spool",
        seeds: { FuzzSeeds.segments },
        words: FuzzWords.spool,
        run: { try fuzzSpool($0) }
    )
}

/// Scans the input; then takes it as a plan for records and for damage to them.
func fuzzSpool(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    let scan = SpoolScan(bytes)
    try check(scan, bytes)
    try damage(bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    if let cursor = SpoolCursor(text: text) {
        try require(cursor.text == text && cursor.offset >= 0, "a cursor that reads as another")
    }
    if let segment = SpoolSegment(fileName: text) {
        try require(segment.fileName == text && segment.number > 0, "a segment that reads as another")
    }
    return min(scan.found.count, 3) * 8 + min(scan.damaged.count, 1) * 4 + (scan.isRestTorn ? 2 : 0)
        + (scan.rest.isEmpty ? 1 : 0)
}

/// Records, damage and rest lie side by side, and each record is exactly the bytes that it says.
private func check(_ scan: SpoolScan, _ bytes: [UInt8]) throws {
    var ranges = scan.found.map(\.range) + scan.damaged + [scan.rest]
    ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    var end = 0
    for range in ranges {
        try require(range.lowerBound == end, "the ranges of a scan leave a gap or overlap")
        end = range.upperBound
    }
    try require(end == bytes.count, "a scan of \(bytes.count) bytes ends at \(end)")
    for found in scan.found {
        var again: [UInt8] = []
        found.record.encode(into: &again)
        let written = Array(bytes[found.range])
        // A source's name is read in any case, and written in one.
        let isSame =
            again.count == written.count
            && zip(again, written).enumerated().allSatisfy { index, pair in
                pair.0 == pair.1 || (4..<8).contains(index) || (0x41...0x5A).contains(pair.1)
            }
        try require(isSame, "a record that reads as another")
        let sum = written.dropFirst(8).withUnsafeBytes { CRC32C.checksum($0) }
        try require(
            written[4..<8].enumerated().allSatisfy { $1 == UInt8(sum >> (8 * $0) & 0xFF) },
            "a record with a wrong checksum"
        )
    }
    for limit in [0, 1, scan.found.count] {
        let part = SpoolScan(bytes, limit: limit)
        try require(part.found == Array(scan.found.prefix(limit)), "a bounded scan finds others")
    }
    let recovery = SpoolRecovery(of: scan, drainedTo: bytes.count / 2, isNewest: true)
    let older = SpoolRecovery(of: scan, drainedTo: 0, isNewest: false)
    try require(older.keptSize == bytes.count, "a part of an older segment is cut off")
    try require((0...bytes.count).contains(recovery.keptSize), "more is kept than there is")
    try require(recovery.waitingCount <= scan.found.count, "more wait than were found")
    try require(
        scan.found.allSatisfy { $0.range.upperBound <= recovery.keptSize },
        "a whole record is cut off"
    )
    // What a recovery keeps reads the same when it is read again.
    let kept = SpoolScan(Array(bytes.prefix(recovery.keptSize)))
    try require(kept.found == scan.found, "what a recovery keeps reads otherwise")
}

/// Writes records of parts of the plan, damages some bytes, and looks for what was not written.
private func damage(_ plan: [UInt8]) throws {
    var rest = plan
    var (written, bytes): ([SpoolRecord], [UInt8]) = ([], [])
    var starts: [Int] = []
    let count = Int(rest.takeByte() % 6) + 1
    for number in 0..<count {
        let size = Int(rest.takeByte())
        let envelope = rest.take(size).map { $0 == 0xFF ? 0 : $0 }
        guard
            let record = SpoolRecord(
                source: SourceID(literal: "fuzz"),
                spooledAt: Timestamp(milliseconds: Int64(number)),
                envelope: envelope
            )
        else { throw Finding("a record without FF is refused") }
        starts.append(bytes.count)
        record.encode(into: &bytes)
        written.append(record)
    }
    try require(SpoolScan(bytes).found.map(\.record) == written, "what was written is not read")
    let original = bytes
    for _ in 0..<3 where rest.count >= 3 {
        let place = (Int(rest.takeByte()) << 8 | Int(rest.takeByte())) % bytes.count
        let value = rest.takeByte()
        // A second magic may hide a record that follows: the scan goes on there, which other tests look at.
        if value != 0xFF { bytes[place] = value }
    }
    let victims = Set(
        bytes.indices.filter { bytes[$0] != original[$0] }.map { place in
            (starts.firstIndex { $0 > place } ?? count) - 1
        }
    )
    let scan = SpoolScan(bytes)
    try check(scan, bytes)
    let expected = written.indices.filter { !victims.contains($0) }.map { written[$0] }
    // With the last one damaged, the one before may seem torn only if its own bytes were touched.
    try require(
        scan.found.map(\.record) == expected,
        "damage to \(victims.sorted()) of \(count) records costs others"
    )
    // Cut anywhere, no record comes out that was not written, and none is lost before the cut.
    let cutAt = bytes.count - Int(rest.takeByte()) % bytes.count
    let cut = SpoolScan(Array(original.prefix(cutAt)))
    let whole = (starts.dropFirst() + [original.count]).prefix { $0 <= cutAt }.count
    try require(cut.found.map(\.record) == Array(written.prefix(whole)), "a cut costs other records")
}
