extension Field {
    /// An instant: RFC 3339 text, or Unix seconds as a number or as text; nil when absent.
    ///
    /// Seconds may have decimals. A value of 10^11 or more is read as milliseconds: as seconds it would lie
    /// after the year 5000. A date alone is read as ``hourOfDates``. Instants outside ``Timestamp/plausible``
    /// are refused.
    ///
    /// - Throws: `invalid-time` when there is a value that is no time.
    func time() throws(Rejection) -> Timestamp? {
        guard exists else { return nil }
        guard let time = Self.instant(text), Timestamp.plausible.contains(time) else {
            throw Rejection(.invalidTime(path))
        }
        return time
    }

    /// The time of day, in UTC, for which a date alone stands, in milliseconds: 10:00.
    ///
    /// No zone is known here, and midnight lies on the day before in every zone west of Greenwich. At this
    /// hour the date is the same from Hawaii (UTC-10) to New Zealand (UTC+13).
    private static let hourOfDates: Int64 = 36_000_000

    private static func instant(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        if let date = BusinessDate(text) {
            return Timestamp(milliseconds: Int64(date.daysSinceEpoch) * 86_400_000 + hourOfDates)
        }
        if let time = Timestamp(rfc3339: text) { return time }
        guard let number = DecimalAmount(text, exponent: 3)?.minorUnits else { return nil }
        let isMilliseconds = number >= 100_000_000_000_000
        return Timestamp(milliseconds: isMilliseconds ? number / 1000 : number)
    }
}
