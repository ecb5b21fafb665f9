extension Field {
    /// An instant: RFC 3339 text, or Unix seconds as a number or as text; nil when absent.
    ///
    /// Seconds may have decimals. A value of 10^11 or more is read as milliseconds: as seconds it would lie
    /// after the year 5000. Instants outside ``Timestamp/plausible`` are refused.
    ///
    /// - Throws: `invalid-time` when there is a value that is no time.
    func time() throws(Rejection) -> Timestamp? {
        guard exists else { return nil }
        guard let time = Self.instant(text), Timestamp.plausible.contains(time) else {
            throw Rejection(.invalidTime(path))
        }
        return time
    }

    private static func instant(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        if let time = Timestamp(rfc3339: text) { return time }
        guard let number = DecimalAmount(text, exponent: 3)?.minorUnits else { return nil }
        let isMilliseconds = number >= 100_000_000_000_000
        return Timestamp(milliseconds: isMilliseconds ? number / 1000 : number)
    }
}
