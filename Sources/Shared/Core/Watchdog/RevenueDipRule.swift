/// REVENUE_DIP: a final day lies more than a fifth below the day before.
struct RevenueDipRule {
    let observations: WatchdogObservations
    let now: Timestamp
    let calendar: BusinessCalendar
    let configuration: WatchdogConfiguration
    private let figures: [BusinessDate: DayFigures]
    private let lastFinalDay: BusinessDate
    private let firstYoungDay: BusinessDate

    init(
        observations: WatchdogObservations,
        now: Timestamp,
        calendar: BusinessCalendar,
        configuration: WatchdogConfiguration
    ) {
        self.observations = observations
        self.now = now
        self.calendar = calendar
        self.configuration = configuration
        figures = Dictionary(observations.days.map { ($0.date, $0) }) { _, last in last }
        lastFinalDay = calendar.lastFinalDay(at: now, finalizeAfter: configuration.finalizeAfter)
        firstYoungDay = Watchdog.firstJudgedDay(at: now, calendar: calendar, configuration: configuration)
    }

    /// Whether a day is a dip.
    enum Verdict: Hashable {
        case dip(Alert.Severity, AlertDetail)
        /// It is not, or there is nothing to compare it with.
        case calm
        /// An exchange rate is missing: nothing is opened and nothing is closed.
        case unknown
    }

    /// Returns the actions; `openingSignals` are those of the silence rule in the same evaluation.
    func evaluate(openingSignals: [WatchdogAction]) -> [WatchdogAction] {
        let open = observations.openAlerts.filter {
            $0.rule == .revenueDip && $0.scope == Watchdog.everything
        }
        .sorted { $0.id < $1.id }
        return open.compactMap(action(for:)) + youngDays.compactMap { opening(of: $0, openingSignals) }
    }

    /// Returns whether `day` is a dip against the day before it.
    func verdict(on day: BusinessDate) -> Verdict {
        let before = calendar.day(before: day)
        guard let firstDay = observations.firstDay, before >= firstDay else { return .calm }
        guard let current = netRevenue(on: day), let previous = netRevenue(on: before) else {
            return .unknown
        }
        guard previous > 0, previous >= configuration.minimumBaseMinor,
            isBelowThreshold(current, of: previous)
        else { return .calm }
        let baseline = SeasonalBaseline(sameWeekdays(before: day, since: firstDay))
        let isUnusual = baseline?.isBelow(current) ?? false
        if configuration.requiresSeasonalDrop, baseline != nil, !isUnusual { return .calm }
        let detail = AlertDetail(
            date: day,
            previousMinor: previous,
            currentMinor: current,
            thresholdPercent: configuration.thresholdPercent
        )
        return .dip(current <= 0 || isUnusual ? .critical : .warning, detail)
    }

    /// `den · current < (den - num) · previous`, strictly: a fall by exactly the threshold is no dip.
    private func isBelowThreshold(_ current: Int64, of previous: Int64) -> Bool {
        let denominator = Int128(configuration.dipDenominator)
        return denominator * Int128(current)
            < (denominator - Int128(configuration.dipNumerator)) * Int128(previous)
    }

    /// The final days that late messages may still change, oldest first.
    private var youngDays: [BusinessDate] {
        var days: [BusinessDate] = []
        var day = lastFinalDay
        while isYoung(day) {
            days.append(day)
            day = calendar.day(before: day)
        }
        return days.reversed()
    }

    private func isYoung(_ day: BusinessDate) -> Bool {
        day >= firstYoungDay
    }

    private func opening(of day: BusinessDate, _ openingSignals: [WatchdogAction]) -> WatchdogAction? {
        guard case .dip(let severity, let detail) = verdict(on: day) else { return nil }
        // After a pause the next day may be known as well: a dip that is over already is no news.
        guard !hasRecovered(since: day, to: detail.previousMinor ?? 0) else { return nil }
        let fingerprint = Watchdog.fingerprint(.revenueDip, scope: Watchdog.everything, window: "\(day)")
        guard !observations.resolvedFingerprints.contains(fingerprint),
            !observations.openAlerts.contains(where: { $0.fingerprint == fingerprint })
        else { return nil }
        // A silence that opens in this very evaluation has no id yet that the dip could name: the next
        // evaluation opens the dip.
        let isExplainedSoon = openingSignals.contains {
            guard case .open(let alert) = $0 else { return false }
            return overlaps(alert, day)
        }
        guard !isExplainedSoon else { return nil }
        return .open(
            Alert(
                id: 0,
                rule: .revenueDip,
                scope: Watchdog.everything,
                fingerprint: fingerprint,
                severity: severity,
                state: .firing,
                activeSince: calendar.end(of: day),
                firedAt: now,
                inhibitedBy: silence(overlapping: day)?.id,
                detail: detail
            )
        )
    }

    /// What an open alert becomes: the end of it comes before fresher figures for it.
    private func action(for alert: Alert) -> WatchdogAction? {
        guard let day = alert.detail.date else { return nil }
        var (severity, detail) = (alert.severity, alert.detail)
        if isYoung(day), calendar.isFinal(day, at: now, finalizeAfter: configuration.finalizeAfter) {
            switch verdict(on: day) {
            case .calm: return .resolve(id: alert.id, reason: "LATE_DATA")
            case .dip(let found, let figures): (severity, detail) = (found, figures)
            case .unknown: break
            }
        }
        if let base = detail.previousMinor, hasRecovered(since: day, to: base) {
            return .resolve(id: alert.id, reason: "RECOVERED")
        }
        if now >= alert.firedAt.advanced(byMilliseconds: configuration.dipExpiresAfter) {
            return .resolve(id: alert.id, reason: "EXPIRED")
        }
        let isSame = severity == alert.severity && detail == alert.detail
        return isSame ? nil : .update(id: alert.id, severity: severity, detail: detail)
    }

    /// Whether a later final day came back over the threshold of the day before the dip.
    private func hasRecovered(since day: BusinessDate, to base: Int64) -> Bool {
        var later = lastFinalDay
        while later > day {
            if let current = netRevenue(on: later), !isBelowThreshold(current, of: base) { return true }
            later = calendar.day(before: later)
        }
        return false
    }

    /// The figure of a day; 0 for a day without entries, nil when an exchange rate is missing.
    private func netRevenue(on day: BusinessDate) -> Int64? {
        guard let figures = figures[day] else { return 0 }
        return figures.missingRates.isEmpty ? figures.netRevenue : nil
    }

    private func sameWeekdays(before day: BusinessDate, since firstDay: BusinessDate) -> [Int64] {
        (1...8).map { day.advanced(by: -7 * $0) }.filter { $0 >= firstDay }.compactMap(netRevenue(on:))
    }

    /// The open silence that explains a dip: the one about everything, else the oldest.
    private func silence(overlapping day: BusinessDate) -> Alert? {
        let silences = observations.openAlerts.filter { $0.rule == .noSignal && overlaps($0, day) }
            .sorted { $0.id < $1.id }
        return silences.first { $0.scope == Watchdog.everything } ?? silences.first
    }

    /// Whether an open silence explains a dip: it reaches from the last delivery until now, hence over the
    /// end of the day or not at all.
    ///
    /// One source's silence explains it only where that source was heard on the day before: one that nobody
    /// uses any more would hide every dip to come.
    private func overlaps(_ silence: Alert, _ day: BusinessDate) -> Bool {
        guard let last = silence.detail.lastReceivedAt, last < calendar.end(of: day) else { return false }
        let base = calendar.day(before: day)
        return silence.scope == Watchdog.everything || last >= calendar.end(of: calendar.day(before: base))
    }
}
