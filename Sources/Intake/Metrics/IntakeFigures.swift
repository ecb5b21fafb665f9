import Shared

/// What event loops have counted: a value that can be handed over and added up.
struct IntakeFigures: Sendable {
    /// The places of one door's counters, in a flat array.
    enum Place {
        static let statuses = [200, 202, 400, 401, 404, 405, 408, 411, 413, 415, 431, 503]
        static let outcomes = IntakeMetrics.Outcome.allCases
        static let failures: [SignatureFailure] = [.missing, .malformed, .stale, .mismatch, .otherAccount]
        /// Secrets that are told apart; those behind share the last place.
        static let secrets = 8

        /// Statuses beyond the known ones share the last column.
        static let columns = statuses.count + 1
        static let bytes = outcomes.count * columns
        static let pseudonymised = bytes + 1
        static let dropped = bytes + 2
        static let unsigned = bytes + 3
        static let failure = bytes + 4
        static let secret = failure + failures.count
        static let count = secret + secrets + 1

        static func request(_ outcome: IntakeMetrics.Outcome, _ status: Int) -> Int {
            let column = statuses.firstIndex(of: status) ?? statuses.count
            return outcome.index * columns + column
        }
    }

    /// The doors' labels, by their number.
    var labels: [MeterLabel]
    /// All doors' counters, one door after the other.
    var counters: [Int]
    /// From a head's arrival to its answer, by route.
    var requestDurations: [Histogram]
    /// From a push to Redis' answer.
    var pushDurations = Histogram(bounds: Histogram.seconds)
    /// Envelopes of one push.
    var pushSizes = Histogram(bounds: Histogram.batches)
    /// Log records that were left out.
    var logRecordsLeftOut = 0
    /// Event loops whose connection to Redis takes webhooks.
    var acceptingLoops = 0

    init(_ plan: MeterPlan) {
        labels = plan.labels
        counters = [Int](repeating: 0, count: plan.labels.count * Place.count)
        requestDurations = plan.labels.map { _ in Histogram(bounds: Histogram.seconds) }
    }

    /// Adds a door and returns its number.
    mutating func open(_ label: MeterLabel) -> Int {
        labels.append(label)
        counters.append(contentsOf: repeatElement(0, count: Place.count))
        return labels.count - 1
    }

    /// A door's counter.
    func counter(_ door: Int, _ place: Int) -> Int { counters[door * Place.count + place] }

    /// Adds what another event loop has counted; doors are matched by their labels.
    mutating func add(_ other: IntakeFigures) {
        var doors = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        for (number, label) in other.labels.enumerated() {
            let door = doors[label] ?? open(label)
            doors[label] = door
            for place in 0..<Place.count {
                counters[door * Place.count + place] += other.counter(number, place)
            }
        }
        for index in requestDurations.indices { requestDurations[index].add(other.requestDurations[index]) }
        pushDurations.add(other.pushDurations)
        pushSizes.add(other.pushSizes)
        logRecordsLeftOut += other.logRecordsLeftOut
        acceptingLoops += other.acceptingLoops
    }
}
