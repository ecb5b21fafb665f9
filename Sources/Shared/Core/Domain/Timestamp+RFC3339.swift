extension Timestamp: CustomStringConvertible {
    /// The instant as RFC 3339 in UTC with exactly three decimals, such as `2026-11-23T10:00:00.000Z`.
    ///
    /// Defined for the years 0000 to 9999; instants outside are clamped to the nearest representable one.
    public var description: String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            writeRFC3339 { index, byte in buffer[index] = byte }
            return 24
        }
    }

    /// Calls `put` with each of the 24 bytes of the RFC 3339 form and its index, in no particular order.
    public func writeRFC3339(_ put: (Int, UInt8) -> Void) {
        let clamped = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        let (days, inDay) = clamped.flooredDivision(by: 86_400_000)
        let date = BusinessDate(daysSinceEpoch: Int32(days)).civil
        func digits(_ value: Int, _ count: Int, at start: Int) {
            var rest = value
            for index in stride(from: start + count - 1, through: start, by: -1) {
                put(index, UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
        }
        let time = Int(inDay)
        digits(date.year, 4, at: 0)
        digits(date.month, 2, at: 5)
        digits(date.day, 2, at: 8)
        digits(time / 3_600_000, 2, at: 11)
        digits(time / 60_000 % 60, 2, at: 14)
        digits(time / 1000 % 60, 2, at: 17)
        digits(time % 1000, 3, at: 20)
        put(4, UInt8(ascii: "-"))
        put(7, UInt8(ascii: "-"))
        put(10, UInt8(ascii: "T"))
        put(13, UInt8(ascii: ":"))
        put(16, UInt8(ascii: ":"))
        put(19, UInt8(ascii: "."))
        put(23, UInt8(ascii: "Z"))
    }

    /// Creates an instant from RFC 3339 / ISO 8601 text such as `2026-11-23T10:00:00.123456789+03:00`.
    ///
    /// Accepts `T`, `t` or a space between date and time, any number of decimals (truncated to milliseconds),
    /// `Z`, `±hh:mm`, `±hhmm` or `±hh`, a leap second (read as second 59), and a date alone, which is read as
    /// midnight UTC. A date-time without an offset is read as UTC. Returns nil for anything else.
    public init?(rfc3339 text: some StringProtocol) {
        var text = String(text)
        let parsed = text.withUTF8 { bytes -> Timestamp? in
            var parser = RFC3339Parser(bytes: bytes)
            return parser.parse()
        }
        guard let parsed else { return nil }
        self = parsed
    }
}

/// Reads one RFC 3339 text, digit by digit.
private struct RFC3339Parser {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func parse() -> Timestamp? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            let date = BusinessDate(year: year, month: month, day: day)
        else { return nil }
        let midnight = Int64(date.daysSinceEpoch) * 86_400_000
        if index == bytes.count { return Timestamp(milliseconds: midnight) }
        guard take("T") || take("t") || take(" ") else { return nil }
        guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60 else {
            return nil
        }
        var second = 0
        if take(":") {
            guard let value = number(2), value <= 60 else { return nil }
            second = min(value, 59)
        }
        guard let fraction = fraction(), let offset = offsetMinutes(), index == bytes.count else {
            return nil
        }
        let local = Int64(hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction)
        return Timestamp(milliseconds: midnight + local - Int64(offset) * 60_000)
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    private mutating func number(_ digits: Int) -> Int? {
        guard index + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + digits] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        index += digits
        return value
    }

    /// Returns the milliseconds after the decimal point, 0 without one, nil when no digit follows it.
    private mutating func fraction() -> Int? {
        guard take(".") || take(",") else { return 0 }
        var milliseconds = 0
        var scale = 100
        let start = index
        while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
            milliseconds += Int(bytes[index] - 0x30) * scale
            scale /= 10
            index += 1
        }
        return index > start ? milliseconds : nil
    }

    private mutating func offsetMinutes() -> Int? {
        if index == bytes.count || take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = number(2), hours < 24 else { return nil }
        if index == bytes.count { return sign * hours * 60 }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Int64 {
    /// Returns quotient and non-negative remainder of the division that rounds toward negative infinity.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
