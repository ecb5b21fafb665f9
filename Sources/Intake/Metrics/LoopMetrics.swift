import NIOCore
import Shared

/// What one event loop counts; confined to it, so that counting needs neither lock nor atomic.
final class LoopMetrics {
    /// Asked at each scrape whether Redis takes webhooks.
    var isAccepting: () -> Bool = { false }

    private var figures: IntakeFigures
    private var named: [NamedDoor: Int] = [:]

    /// A source that a path names.
    private struct NamedDoor: Hashable {
        let route: Int
        let source: SourceID
    }

    init(_ plan: MeterPlan) {
        figures = IntakeFigures(plan)
    }

    /// What was counted so far.
    var snapshot: IntakeFigures {
        var figures = figures
        figures.acceptingLoops = isAccepting() ? 1 : 0
        return figures
    }

    /// The door of a match; a path's source has one of its own once something of it was accepted.
    ///
    /// - Parameters:
    ///   - match: The match.
    ///   - isAccepted: Whether a webhook is accepted, so that the source may get counters.
    ///   - isSigned: Whether the source has a secret.
    /// - Returns: The door; of a source that has none, the one that it shares with others.
    func meter(of match: RouteMatch, isAccepted: Bool = false, isSigned: Bool = false) -> Meter {
        let shared = MeterPlan.meter(of: match)
        guard let source = match.pathSource else { return shared }
        let name = NamedDoor(route: shared.route, source: source)
        if let index = named[name] { return Meter(index: index, route: shared.route) }
        let limit = isSigned ? MeterPlan.namedMax : MeterPlan.unsignedNamedMax
        guard isAccepted, named.count < limit, match.shownSource != nil else { return shared }
        let first = figures.labels[shared.index]
        let index = figures.open(
            MeterLabel(route: first.route, source: first.source, account: source.name)
        )
        named[name] = index
        return Meter(index: index, route: shared.route)
    }

    /// What a door is called.
    func label(of meter: Meter) -> MeterLabel { figures.labels[meter.index] }

    // MARK: Counting

    /// Counts one request.
    func count(_ outcome: IntakeMetrics.Outcome, _ status: Int, at meter: Meter, bytes: Int = 0) {
        add(1, IntakeFigures.Place.request(outcome, status), meter)
        add(bytes, IntakeFigures.Place.bytes, meter)
    }

    /// Counts what was found out about a request on its way to a decision.
    func count(_ finding: IntakeFinding, at meter: Meter) {
        typealias Place = IntakeFigures.Place
        switch finding.verdict {
        case .verified(let secret): add(1, Place.secret + min(secret, Place.secrets), meter)
        case .unsigned: add(1, Place.unsigned, meter)
        case .failed(let failure): add(1, Place.failure + failure.index, meter)
        }
        add(finding.pseudonymisedCount, Place.pseudonymised, meter)
        add(finding.droppedCount, Place.dropped, meter)
    }

    private func add(_ count: Int, _ place: Int, _ meter: Meter) {
        figures.counters[meter.index * IntakeFigures.Place.count + place] += count
    }

    /// Counts an answer that was written, by how long the client has waited since its head was here.
    func answered(_ route: Int, since start: NIODeadline) {
        figures.requestDurations[route].observe(Self.seconds(since: start))
    }

    /// Counts a push that Redis has answered.
    func pushed(_ envelopes: Int, since start: NIODeadline) {
        figures.pushDurations.observe(Self.seconds(since: start))
        figures.pushSizes.observe(Double(envelopes))
    }

    private static func seconds(since start: NIODeadline) -> Double {
        Double((NIODeadline.now() - start).nanoseconds) / 1e9
    }

    /// Counts a log record that was left out.
    func leftOutLogRecord() {
        figures.logRecordsLeftOut += 1
    }
}

extension SignatureFailure {
    /// Its place in ``IntakeFigures/Place/failures``.
    fileprivate var index: Int {
        switch self {
        case .missing: 0
        case .malformed: 1
        case .stale: 2
        case .mismatch: 3
        case .otherAccount: 4
        }
    }
}
