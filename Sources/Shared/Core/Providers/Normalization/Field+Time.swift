extension Field {
    /// An instant: RFC 3339 text, or Unix seconds as a number or as text; nil when absent.
    ///
    /// Seconds may have decimals. A value of 10^11 or more is read as milliseconds: as seconds it would lie
    /// after the year 5000. Instants outside the years 0000 to 9999 are refused, so that every later
    /// conversion to a calendar day is total.
    ///
    /// - Throws: `invalid-time` when there is a value that is no time.
    func time() throws(Rejection) -> Timestamp? {
        guard exists else { return nil }
        guard let time = Self.instant(text), Self.calendar.contains(time.milliseconds) else {
            throw Rejection(.invalidTime(path))
        }
        return time
    }

    /// The instants that have a four-digit year.
    private static let calendar: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    private static func instant(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        guard let number = DecimalAmount(text, exponent: 3)?.minorUnits else { return nil }
        let isMilliseconds = number >= 100_000_000_000_000
        return Timestamp(milliseconds: isMilliseconds ? number / 1000 : number)
    }
}
