/// A ULID: 48 bits of milliseconds and 80 random bits, whose text sorts by time.
public struct ULID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The latest millisecond that fits 48 bits, in the year 10889.
    static let maximumMilliseconds: UInt64 = 1 << 48 - 1

    let milliseconds: UInt64
    let randomHigh: UInt16
    let randomLow: UInt64

    /// Creates a ULID; an instant outside 48 bits is moved to their nearest end.
    public init(at instant: Timestamp, randomHigh: UInt16, randomLow: UInt64) {
        milliseconds = Self.milliseconds(of: instant)
        self.randomHigh = randomHigh
        self.randomLow = randomLow
    }

    /// The instant that a text begins with which is a ULID; nil for any other text.
    public static func instant(of text: String) -> Timestamp? {
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let values = text.utf8.map { digits.firstIndex(of: $0) }
        guard values.count == 26, !values.contains(nil), values[0] ?? 8 < 8 else { return nil }
        return Timestamp(milliseconds: values.prefix(10).reduce(0) { $0 << 5 | Int64($1 ?? 0) })
    }

    fileprivate static func milliseconds(of instant: Timestamp) -> UInt64 {
        min(UInt64(max(instant.milliseconds, 0)), maximumMilliseconds)
    }

    /// The 26 digits of Crockford's base32.
    public var description: String {
        // Forty bits are eight digits.
        let high = UInt64(randomHigh) << 24 | randomLow >> 40
        return String(unsafeUninitializedCapacity: 26) { text in
            Self.write(milliseconds, digits: 10, at: 0, into: text)
            Self.write(high, digits: 8, at: 10, into: text)
            Self.write(randomLow, digits: 8, at: 18, into: text)
            return 26
        }
    }

    private static func write(
        _ bits: UInt64,
        digits count: Int,
        at start: Int,
        into text: UnsafeMutableBufferPointer<UInt8>
    ) {
        let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        var rest = bits
        for index in stride(from: start + count - 1, through: start, by: -1) {
            text[index] = digits.utf8Start[Int(rest & 31)]
            rest >>= 5
        }
    }

    /// Orders by time, then by the random part.
    public static func < (lhs: ULID, rhs: ULID) -> Bool {
        (lhs.milliseconds, lhs.randomHigh, lhs.randomLow) < (rhs.milliseconds, rhs.randomHigh, rhs.randomLow)
    }
}

/// Makes ULIDs of which each is greater than the one before, also within a millisecond and when the clock
/// steps back.
public struct ULIDGenerator: Sendable {
    private var last: ULID?

    /// Creates a generator that has made none.
    public init() {}

    /// Returns the next ULID.
    ///
    /// Within a millisecond the random part grows by one, as the ULID specification says; when its 80 bits
    /// are used up, which chance will not see, the time grows instead. Randomness, which costs a system call,
    /// is asked for once a millisecond.
    public mutating func next(at now: Timestamp, using random: inout some RandomNumberGenerator) -> ULID {
        let ulid =
            if let last, ULID.milliseconds(of: now) <= last.milliseconds {
                Self.successor(of: last)
            } else {
                ULID(at: now, randomHigh: UInt16(truncatingIfNeeded: random.next()), randomLow: random.next())
            }
        last = ulid
        return ulid
    }

    private static func successor(of last: ULID) -> ULID {
        let (low, carry) = last.randomLow.addingReportingOverflow(1)
        let (high, overflow) = last.randomHigh.addingReportingOverflow(carry ? 1 : 0)
        let time = Timestamp(milliseconds: Int64(last.milliseconds) + (overflow ? 1 : 0))
        return ULID(at: time, randomHigh: high, randomLow: low)
    }
}
