/// A ULID: 48 bits of milliseconds and 80 random bits, whose text sorts by time.
public struct ULID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The latest millisecond that fits 48 bits, in the year 10889.
    static let maximumMilliseconds: UInt64 = 1 << 48 - 1

    let milliseconds: UInt64
    let randomHigh: UInt16
    let randomLow: UInt64

    /// Creates a ULID; an instant outside 48 bits is moved to their nearest end.
    public init(at instant: Timestamp, randomHigh: UInt16, randomLow: UInt64) {
        milliseconds = min(UInt64(max(instant.milliseconds, 0)), Self.maximumMilliseconds)
        self.randomHigh = randomHigh
        self.randomLow = randomLow
    }

    /// The 26 digits of Crockford's base32.
    public var description: String {
        let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        return String(unsafeUninitializedCapacity: 26) { text in
            for index in 0..<10 {
                text[index] = digits.utf8Start[Int(milliseconds >> UInt64(45 - index * 5) & 31)]
            }
            let random = UInt128(randomHigh) << 64 | UInt128(randomLow)
            for index in 0..<16 {
                text[10 + index] =
                    digits.utf8Start[Int(truncatingIfNeeded: random >> UInt128(75 - index * 5) & 31)]
            }
            return 26
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
    /// are used up, which chance will not see, the time grows instead.
    public mutating func next(at now: Timestamp, using random: inout some RandomNumberGenerator) -> ULID {
        let fresh = ULID(
            at: now,
            randomHigh: UInt16(truncatingIfNeeded: random.next()),
            randomLow: random.next()
        )
        guard let last, fresh.milliseconds <= last.milliseconds else {
            self.last = fresh
            return fresh
        }
        let (low, carry) = last.randomLow.addingReportingOverflow(1)
        let (high, overflow) = last.randomHigh.addingReportingOverflow(carry ? 1 : 0)
        let time = Timestamp(milliseconds: Int64(last.milliseconds) + (overflow ? 1 : 0))
        let next = ULID(at: time, randomHigh: high, randomLow: low)
        self.last = next
        return next
    }
}
