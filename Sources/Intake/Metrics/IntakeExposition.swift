import Shared

/// The intake's metrics as Prometheus' text; `docs/observability.md` lists them.
struct IntakeExposition {
    /// What does not belong to one event loop.
    struct Process: Sendable {
        var identity: IntakeMetrics.Identity
        var loops: Int
        var connections: Int
        var connectionsRefused: Int
        var connectionsRefusedToClients: Int
    }

    private typealias Place = IntakeFigures.Place
    private typealias Sample = (labels: [(name: String, value: String)], value: Double)

    let figures: IntakeFigures
    let process: Process

    /// All metrics, in a stable order.
    func text() -> String {
        var text = MetricsText()
        requests(&text)
        signatures(&text)
        redis(&text)
        about(&text)
        return text.text
    }

    /// The doors in the order of their labels.
    private var doors: [(number: Int, label: MeterLabel)] {
        figures.labels.enumerated().map { ($0, $1) }
            .sorted { ($0.label.route, $0.label.account) < ($1.label.route, $1.label.account) }
    }

    private func requests(_ text: inout MetricsText) {
        var counts: [Sample] = []
        for (number, label) in doors {
            for outcome in Place.outcomes {
                for status in Place.statuses + [0] {
                    let count = figures.counter(number, Place.request(outcome, status))
                    guard count > 0 else { continue }
                    let status = status == 0 ? "other" : "\(status)"
                    let labels = label.pairs + [("outcome", outcome.rawValue), ("status", status)]
                    counts.append((labels, Double(count)))
                }
            }
        }
        text.family(
            "growth_intake_requests_total",
            .counter,
            "Requests by route, source and outcome.",
            samples: counts
        )
        text.histogram(
            "growth_intake_request_duration_seconds",
            "From the arrival of a request's head to its answer.",
            by: "route",
            zip(figures.labels, figures.requestDurations).filter { $1.count > 0 }.map { ($0.route, $1) }
        )
        text.family(
            "growth_intake_body_bytes_total",
            .counter,
            "Bytes of the bodies that were decided about.",
            samples: samples(at: Place.bytes, [])
        )
    }

    private func signatures(_ text: inout MetricsText) {
        let secrets = (0...Place.secrets).map { secret in
            let name = secret == Place.secrets ? "other" : "\(secret)"
            return (Place.secret + secret, [("verdict", "verified"), ("secret", name)])
        }
        let unsigned = [(Place.unsigned, [("verdict", "unsigned"), ("secret", "")])]
        let failed = doors.map { number, label -> Sample in
            let sum = Place.failures.indices.reduce(0) { $0 + figures.counter(number, Place.failure + $1) }
            return (label.pairs + [("verdict", "failed"), ("secret", "")], Double(sum))
        }
        text.family(
            "growth_intake_signatures_total",
            .counter,
            "Signatures by verdict; secret is the index of the secret that verified it.",
            samples: (secrets + unsigned).flatMap { samples(at: $0, $1) } + failed.filter { $0.value > 0 }
        )
        text.family(
            "growth_intake_signature_failures_total",
            .counter,
            "Signatures that did not verify, by what was wrong.",
            samples: Place.failures.enumerated().flatMap { index, failure in
                samples(at: Place.failure + index, [("reason", failure.rawValue)])
            }
        )
        text.family(
            "growth_intake_redactions_total",
            .counter,
            "Values that were pseudonymised or dropped.",
            samples: samples(at: Place.pseudonymised, [("action", "pseudonymised")])
                + samples(at: Place.dropped, [("action", "dropped")])
        )
    }

    /// One sample for each door that has counted something.
    private func samples(at place: Int, _ more: [(String, String)]) -> [Sample] {
        doors.compactMap { number, label in
            let count = figures.counter(number, place)
            return count > 0 ? (label.pairs + more.map { (name: $0, value: $1) }, Double(count)) : nil
        }
    }

    private func redis(_ text: inout MetricsText) {
        text.family(
            "growth_intake_redis_accepting_loops",
            .gauge,
            "Event loops whose connection to Redis takes webhooks.",
            figures.acceptingLoops
        )
        text.histogram(
            "growth_intake_redis_push_duration_seconds",
            "From sending a push to Redis' answer.",
            figures.pushDurations
        )
        text.histogram(
            "growth_intake_redis_push_envelopes",
            "Envelopes that went out as one push.",
            figures.pushSizes
        )
    }

    private func about(_ text: inout MetricsText) {
        text.family("growth_intake_connections", .gauge, "Open connections.", process.connections)
        text.family(
            "growth_intake_connections_refused_total",
            .counter,
            "Connections beyond the limit of all, and beyond that of one client.",
            samples: [
                ([("limit", "all")], Double(process.connectionsRefused)),
                ([("limit", "client")], Double(process.connectionsRefusedToClients)),
            ]
        )
        text.family("growth_intake_event_loops", .gauge, "Event loops.", process.loops)
        text.family(
            "growth_intake_log_records_left_out_total",
            .counter,
            "Log records that were left out because there were too many of their kind.",
            figures.logRecordsLeftOut
        )
        text.family(
            "growth_intake_pseudonym_key_info",
            .gauge,
            "The pseudonym key that is in use.",
            by: "key",
            [(process.identity.keyID, 1)]
        )
        text.family(
            "growth_intake_build_info",
            .gauge,
            "The program that runs.",
            by: "version",
            [(process.identity.version, 1)]
        )
        text.family(
            "growth_intake_start_time_seconds",
            .gauge,
            "When the process started, since 1970.",
            Double(process.identity.startedAt.milliseconds) / 1000
        )
    }
}

extension MeterLabel {
    /// Its labels as they are written; only routes whose path names a source have an account.
    fileprivate var pairs: [(name: String, value: String)] {
        [("route", route), ("source", source)] + (account.isEmpty ? [] : [("account", account)])
    }
}
