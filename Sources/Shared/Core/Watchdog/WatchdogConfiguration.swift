/// The thresholds of the watchdog's rules; times in milliseconds.
public struct WatchdogConfiguration: Hashable, Sendable {
    /// A fall by more than this part of the day before is a dip: numerator of the ratio, 1 of 5 by default.
    public var dipNumerator: Int64 = 1
    /// Denominator of that ratio.
    public var dipDenominator: Int64 = 5
    /// Days before that earned less than this, in minor units of the base currency, are no base for a ratio.
    public var minimumBaseMinor: Int64 = 0
    /// Whether a dip must also be unusual for its weekday, where there is enough history to tell.
    public var requiresSeasonalDrop = false
    /// How long after its end a day becomes final.
    public var finalizeAfter: Int64 = BusinessCalendar.defaultFinalizeAfter
    /// How long after its end a day is still evaluated: 48 hours.
    public var lateWindow: Int64 = 172_800_000
    /// How long a dip stays open at most: 7 days.
    public var dipExpiresAfter: Int64 = 604_800_000
    /// How long nothing may come before a source counts as silent: 24 hours.
    public var silenceWindow: Int64 = 86_400_000
    /// How long after the start no silence is reported, so that waiting retries can land: 10 minutes.
    public var startGrace: Int64 = 600_000

    /// Creates the default thresholds.
    public init() {}

    /// The threshold in whole percent.
    public var thresholdPercent: Int { Int(100 * Int128(dipNumerator) / Int128(max(1, dipDenominator))) }
}
