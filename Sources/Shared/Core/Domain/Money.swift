/// An exact amount: whole minor units (kuruş, cents) of one currency.
public struct Money: Hashable, Sendable {
    /// The amounts that one field of a message may state: up to 10^15 minor units either way.
    ///
    /// One absurd message must not make the sums of its day overflow, and with them every other shop's.
    public static let plausibleMinorUnits: ClosedRange<Int64> = -1_000_000_000_000_000...1_000_000_000_000_000

    /// Whole minor units; 10^-exponent of the major unit each.
    public var minorUnits: Int64
    /// The currency of the amount.
    public let currency: Currency

    /// Creates an amount from minor units.
    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }
}

/// A decimal number read digit by digit, never through a floating-point number.
public struct DecimalAmount: Hashable, Sendable {
    /// The value in minor units of the requested exponent.
    public let minorUnits: Int64
    /// Whether non-zero digits beyond the exponent were rounded away (half to even).
    public let wasRounded: Bool

    /// Reads text such as `149.90`, `-12`, `+.5`, `1e3` or ` 23600 `, or gives nil.
    ///
    /// An optional sign, digits with at most one point, an optional exponent of at most 3 digits; spaces
    /// around it are allowed, group separators are not. Nil when the text is no number, or does not fit 64
    /// bits of minor units.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - exponent: Digits of the minor unit after the point, 0 to 18.
    public init?(_ text: some StringProtocol, exponent: Int) {
        var text = String(text)
        guard let value = text.withUTF8({ DecimalAmount(utf8: $0, exponent: exponent) }) else { return nil }
        self = value
    }

    private init(minorUnits: Int64, wasRounded: Bool) {
        self.minorUnits = minorUnits
        self.wasRounded = wasRounded
    }

    /// Reads the UTF-8 of such a text.
    init?(utf8 bytes: UnsafeBufferPointer<UInt8>, exponent: Int) {
        precondition((0...18).contains(exponent), "An exponent lies between 0 and 18.")
        if let plain = Self.plain(bytes, exponent: exponent) {
            self.init(minorUnits: plain, wasRounded: false)
            return
        }
        guard let parts = DecimalParts(bytes) else { return nil }
        // Where, counted from the first digit, the minor unit ends.
        let cut = parts.pointIndex + parts.scale + exponent
        var magnitude: UInt64 = 0
        for index in 0..<max(0, min(cut, 400)) {
            let digit = index < parts.digits.count ? parts.digits[index] : 0
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            magnitude = sum
        }
        let dropped = cut >= parts.digits.count ? [] : Array(parts.digits[max(0, cut)...])
        let wasRounded = dropped.contains { $0 != 0 }
        if wasRounded, Self.roundsUp(dropped, leadingZeros: max(0, -cut), isOdd: magnitude % 2 == 1) {
            let (sum, overflow) = magnitude.addingReportingOverflow(1)
            guard !overflow else { return nil }
            magnitude = sum
        }
        guard magnitude <= UInt64(Int64.max) else { return nil }
        let value = Int64(magnitude)
        self.init(minorUnits: parts.isNegative ? -value : value, wasRounded: wasRounded)
    }

    /// Reads digits with at most one point, nothing to round, and no room for overflow: nearly every amount.
    ///
    /// Nil for everything else, which may still be an amount.
    private static func plain(_ bytes: UnsafeBufferPointer<UInt8>, exponent: Int) -> Int64? {
        // At most 18 digits are left after the scaling.
        guard !bytes.isEmpty, bytes.count + exponent <= 18 else { return nil }
        var value: Int64 = 0
        var decimals: Int?
        for byte in bytes {
            if byte == UInt8(ascii: "."), decimals == nil {
                decimals = 0
            } else if byte >= 0x30, byte <= 0x39 {
                value = value * 10 + Int64(byte - 0x30)
                if let count = decimals { decimals = count + 1 }
            } else {
                return nil
            }
        }
        let count = decimals ?? 0
        guard count <= exponent, bytes.count > 1 || decimals == nil else { return nil }
        for _ in count..<exponent { value *= 10 }
        return value
    }

    /// Half to even over the digits that are dropped, of which `leadingZeros` more zeros come first.
    private static func roundsUp(_ dropped: [UInt8], leadingZeros: Int, isOdd: Bool) -> Bool {
        guard leadingZeros == 0, let first = dropped.first else { return false }
        if first != 5 { return first > 5 }
        return dropped.dropFirst().contains { $0 != 0 } || isOdd
    }
}

/// The digits of a decimal text, where its point stands, and its power of ten.
private struct DecimalParts {
    var isNegative = false
    var digits: [UInt8] = []
    var pointIndex = 0
    var scale = 0

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        var rest = Substring(decoding: bytes, as: UTF8.self).utf8[...]
        while rest.first == 0x20 { rest.removeFirst() }
        while rest.last == 0x20 { rest.removeLast() }
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        var point: Int?
        while let byte = rest.first {
            if byte >= 0x30, byte <= 0x39 {
                digits.append(byte - 0x30)
            } else if byte == UInt8(ascii: "."), point == nil {
                point = digits.count
            } else {
                break
            }
            rest.removeFirst()
        }
        guard !digits.isEmpty, digits.count <= 200 else { return nil }
        pointIndex = point ?? digits.count
        guard !rest.isEmpty else { return }
        guard rest.removeFirst() | 0x20 == UInt8(ascii: "e"),
            rest.count <= 4, let value = Int(String(Substring(rest)))
        else { return nil }
        scale = value
    }
}
