/// Decides which alerts open, change and close, from what was observed and what time it is.
public enum Watchdog {
    /// The scope of an alert about all sources together.
    public static let everything = "*"

    /// Returns the days whose figures the rules look at: eight weeks before the oldest day that can still
    /// change.
    public static func observationRange(
        at now: Timestamp,
        calendar: BusinessCalendar,
        configuration: WatchdogConfiguration
    ) -> ClosedRange<BusinessDate> {
        let last = calendar.lastFinalDay(at: now, finalizeAfter: configuration.finalizeAfter)
        let late = configuration.lateWindow.flooredDivision(by: 86_400_000).0
        return last.advanced(by: -(8 * 7 + Int(late) + 2))...last
    }

    /// Returns the first day that late messages, and rates that come late, still have judged.
    ///
    /// It changes once a day, when the window behind the end of a day is over: at no midnight where clocks
    /// changed meanwhile.
    public static func firstJudgedDay(
        at now: Timestamp,
        calendar: BusinessCalendar,
        configuration: WatchdogConfiguration
    ) -> BusinessDate {
        let cut = now.advanced(byMilliseconds: -configuration.lateWindow)
        var day = calendar.date(of: cut)
        // Where clocks went back over midnight, the day before goes on.
        while case let before = calendar.day(before: day), calendar.end(of: before) > cut { day = before }
        return day
    }

    /// Returns what to change; nothing when everything stands as it should.
    ///
    /// The same input gives the same actions.
    ///
    /// - Parameters:
    ///   - observations: The figures of ``observationRange(at:calendar:configuration:)``, the signals, the
    ///     alerts.
    ///   - now: The present instant.
    ///   - calendar: Cuts time into business days.
    ///   - configuration: The thresholds.
    ///   - startedAt: When this process began to receive, for the grace after a start.
    /// - Returns: The actions in a fixed order: signals before dips before payouts, older days first.
    public static func evaluate(
        _ observations: WatchdogObservations,
        now: Timestamp,
        calendar: BusinessCalendar,
        configuration: WatchdogConfiguration,
        startedAt: Timestamp
    ) -> [WatchdogAction] {
        let signals = NoSignalRule(
            observations: observations,
            now: now,
            configuration: configuration,
            startedAt: startedAt
        ).evaluate()
        let dips = RevenueDipRule(
            observations: observations,
            now: now,
            calendar: calendar,
            configuration: configuration
        )
        let payouts = PayoutRule(observations: observations, now: now)
        return signals + dips.evaluate(openingSignals: signals) + payouts.evaluate()
    }

    /// The fingerprint of an alert: what makes two alerts the same one.
    static func fingerprint(_ rule: Alert.Rule, scope: String, window: String) -> String {
        "\(rule.rawValue)|\(scope)|\(window)"
    }
}
