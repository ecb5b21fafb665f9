import Foundation

/// The offsets from UTC that a time zone had and will have.
///
/// Foundation answers under a lock and through ICU; every posting asks. The answers for 1990 to 2100 are
/// therefore read once into a table. Foundation's own list of transitions leaves out those that are no
/// daylight saving time (Istanbul 2016), so the table is found by sampling.
struct ZoneOffsets: Sendable {
    /// A stretch of time, in milliseconds since the Unix epoch, with one offset in milliseconds.
    struct Segment {
        var range: Range<Int64>
        var offset: Int64
    }

    private let zone: TimeZone
    private var starts: [Int64] = []
    private var offsets: [Int64] = []

    /// 1990-01-01T00:00:00Z to 2100-01-01T00:00:00Z.
    private static let tableRange: Range<Int64> = 631_152_000_000..<4_102_444_800_000
    /// Five days: no zone has changed its offset twice within so short a time since 1990.
    private static let tableStep: Int64 = 432_000_000
    /// Years 0 to 9999, beyond which Foundation is not asked.
    private static let askedRange: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Reads the table, or returns nil for an unknown zone.
    init?(identifier: String) {
        guard !identifier.isEmpty, let zone = TimeZone(identifier: identifier) else { return nil }
        self.zone = zone
        for segment in sampledSegments(in: Self.tableRange, step: Self.tableStep) {
            starts.append(segment.range.lowerBound)
            offsets.append(segment.offset)
        }
    }

    /// Returns the offset at an instant, by binary search within the table.
    func offset(at instant: Int64) -> Int64 {
        Self.tableRange.contains(instant) ? offsets[index(of: instant)] : askedOffset(at: instant)
    }

    /// The segments of a range, in order, cut at its bounds.
    func segments(in range: Range<Int64>) -> [Segment] {
        guard Self.tableRange.lowerBound <= range.lowerBound, range.upperBound <= Self.tableRange.upperBound
        else {
            return sampledSegments(in: range, step: 3_600_000)
        }
        var segments: [Segment] = []
        var index = index(of: range.lowerBound)
        while index < starts.count, starts[index] < range.upperBound {
            let end = index + 1 < starts.count ? starts[index + 1] : Self.tableRange.upperBound
            segments.append(
                Segment(
                    range: max(starts[index], range.lowerBound)..<min(end, range.upperBound),
                    offset: offsets[index]
                )
            )
            index += 1
        }
        return segments
    }

    private func index(of instant: Int64) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= instant { low = middle } else { high = middle }
        }
        return low
    }

    private func askedOffset(at instant: Int64) -> Int64 {
        let clamped = min(max(instant, Self.askedRange.lowerBound), Self.askedRange.upperBound)
        let date = Date(timeIntervalSince1970: Double(clamped) / 1000)
        return Int64(zone.secondsFromGMT(for: date)) * 1000
    }

    /// Finds the segments by asking at every step and halving the steps in which the answer changes.
    private func sampledSegments(in range: Range<Int64>, step: Int64) -> [Segment] {
        var segments = [Segment(range: range, offset: askedOffset(at: range.lowerBound))]
        var previous = range.lowerBound
        while previous < range.upperBound - 1 {
            let next = min(previous + step, range.upperBound - 1)
            let last = segments[segments.count - 1]
            let offset = askedOffset(at: next)
            if offset != last.offset {
                let change = firstInstant(in: previous + 1...next, differingFrom: last.offset)
                segments[segments.count - 1].range = last.range.lowerBound..<change
                segments.append(Segment(range: change..<range.upperBound, offset: offset))
            }
            previous = next
        }
        return segments
    }

    private func firstInstant(in range: ClosedRange<Int64>, differingFrom offset: Int64) -> Int64 {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if askedOffset(at: middle) == offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
