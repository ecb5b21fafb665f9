import Shared

/// A place in the intake's counters: a route and, where its path names one, a source.
struct Meter: Hashable, Sendable {
    /// The number of its counters on one event loop.
    let index: Int
    /// The number of its route.
    let route: Int
}

/// What a door is called in metrics; never a path that somebody sent.
struct MeterLabel: Hashable, Sendable {
    /// The route as documented, such as `/webhooks/generic/{source}`; `none` where no route was found.
    let route: String
    /// The queue's name; `none` for probes.
    let source: String
    /// The source that the path names, or `other`; empty for routes without one.
    let account: String
}

/// The doors that every event loop counts from its start.
struct MeterPlan: Sendable {
    /// No route: unknown paths and what can't be read as a request.
    static let none = Meter(index: 0, route: 0)
    /// The probes' paths, which are also their routes.
    static let probes = ["/healthz", "/readyz", "/metrics"]
    /// The probe that tells the metrics.
    static let scrape = Meter(index: 3, route: 3)
    /// Sources in paths that get counters of their own; further ones share those of `other`.
    static let namedMax = 64
    /// How many of these may be taken by sources without a secret, which anyone can invent.
    static let unsignedNamedMax = 32

    /// The labels of the doors, by their number.
    let labels: [MeterLabel]

    /// Plans the doors of a router.
    init(_ router: WebhookRouter) {
        var labels = [MeterLabel(route: "none", source: "none", account: "")]
        labels += Self.probes.map { MeterLabel(route: $0, source: "none", account: "") }
        labels += router.doors.map { door in
            let takesSource = door.route.takesSource
            return MeterLabel(
                route: takesSource ? "\(door.route.path){source}" : door.route.path,
                source: door.receiver.source.name,
                account: takesSource ? "other" : ""
            )
        }
        self.labels = labels
    }

    /// The door of a probe's path; nil for any other.
    static func probe(_ path: some StringProtocol) -> Meter? {
        probes.firstIndex { $0 == path }.map { Meter(index: $0 + 1, route: $0 + 1) }
    }

    /// The door that a match has from the start.
    static func meter(of match: RouteMatch) -> Meter {
        let index = 1 + probes.count + match.index
        return Meter(index: index, route: index)
    }
}
