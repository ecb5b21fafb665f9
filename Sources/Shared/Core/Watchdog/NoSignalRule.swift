/// NO_SIGNAL: a source that has sent before has sent nothing for a whole window.
///
/// What counts is when deliveries were received: a late event proves that the pipe works.
struct NoSignalRule {
    let observations: WatchdogObservations
    let now: Timestamp
    let configuration: WatchdogConfiguration
    let startedAt: Timestamp

    /// Something that can fall silent, and when it was last heard.
    private struct Subject {
        var scope: String
        var lastReceivedAt: Timestamp

        /// One silence, one fingerprint: the next delivery ends it and the next silence is another one.
        var fingerprint: String {
            Watchdog.fingerprint(.noSignal, scope: scope, window: "\(lastReceivedAt)")
        }
    }

    /// Returns the actions: what is heard again first, then what fell silent, by name.
    func evaluate() -> [WatchdogAction] {
        let sources = armedSources
        let everything = sources.map(\.lastReceivedAt).max().map {
            Subject(scope: Watchdog.everything, lastReceivedAt: $0)
        }
        let subjects = sources + (everything.map { [$0] } ?? [])
        return resolutions(subjects) + openings(sources: sources, everything: everything)
    }

    /// A source is armed once it has ever been heard.
    private var armedSources: [Subject] {
        observations.signals.sorted { $0.source < $1.source }.compactMap { signal in
            signal.lastReceivedAt.map { Subject(scope: signal.source.name, lastReceivedAt: $0) }
        }
    }

    /// Silent means: nothing within (now - window, now].
    private func isSilent(_ subject: Subject) -> Bool {
        silentSince(subject) <= now
    }

    private func silentSince(_ subject: Subject) -> Timestamp {
        subject.lastReceivedAt.advanced(byMilliseconds: configuration.silenceWindow)
    }

    private func resolutions(_ subjects: [Subject]) -> [WatchdogAction] {
        let open = observations.openAlerts.filter { $0.rule == .noSignal }.sorted { $0.id < $1.id }
        return open.compactMap { alert in
            guard let subject = subjects.first(where: { $0.scope == alert.scope }) else { return nil }
            let wasHeard = !isSilent(subject) || subject.fingerprint != alert.fingerprint
            return wasHeard ? .resolve(id: alert.id, reason: "SIGNAL") : nil
        }
    }

    /// When all are silent, one alert says so instead of one for each.
    private func openings(sources: [Subject], everything: Subject?) -> [WatchdogAction] {
        guard now >= startedAt.advanced(byMilliseconds: configuration.startGrace) else { return [] }
        if let everything, isSilent(everything) {
            return opening(of: everything, severity: .critical).map { [$0] } ?? []
        }
        return sources.filter(isSilent).compactMap { opening(of: $0, severity: .warning) }
    }

    private func opening(of subject: Subject, severity: Alert.Severity) -> WatchdogAction? {
        let fingerprint = subject.fingerprint
        guard !observations.resolvedFingerprints.contains(fingerprint),
            !observations.openAlerts.contains(where: { $0.fingerprint == fingerprint })
        else { return nil }
        return .open(
            Alert(
                id: 0,
                rule: .noSignal,
                scope: subject.scope,
                fingerprint: fingerprint,
                severity: severity,
                state: .firing,
                activeSince: silentSince(subject),
                firedAt: now,
                detail: AlertDetail(lastReceivedAt: subject.lastReceivedAt)
            )
        )
    }
}
