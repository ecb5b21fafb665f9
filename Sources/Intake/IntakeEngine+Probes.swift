import NIOCore
import Shared

/// What is asked of the intake itself, and what becomes of requests that find no door.
extension IntakeEngine {
    /// Returns what a path without a door asks for.
    func probe(_ method: RequestMethod, path: Substring) -> IntakeTarget {
        let local = path.hasPrefix(settings.basePath) ? path.dropFirst(settings.basePath.count) : ""
        guard let meter = MeterPlan.probe(local) else {
            noteRefusal(.notFound, at: MeterPlan.none)
            return .answer(.problem(.notFound), route: MeterPlan.none.route)
        }
        guard method == .get || method == .head else {
            noteRefusal(.methodNotAllowed, at: meter)
            return .answer(.methodNotAllowed(allow: "GET, HEAD"), route: meter.route)
        }
        if meter == MeterPlan.scrape { return .scrape }
        let isReady = (pusher.isAccepting || spoolDoor?.spool.isReady == true) && !isDraining
        let answer: HTTPAnswer =
            local == "/healthz" || isReady
            ? .text("ok\n") : .text("neither Redis nor the spool can take a webhook\n", status: 503)
        loopMetrics.count(.served, answer.status, at: meter)
        return .answer(answer, route: meter.route)
    }

    /// Answers with the metrics of all event loops; on a loop that is ending, with 503.
    func scrape(_ answer: @escaping (HTTPAnswer) -> Void) {
        // Counted first, so that the text tells of the scrape that asks for it.
        loopMetrics.count(.served, 200, at: MeterPlan.scrape)
        guard scrapes.ask(at: .now(), answer) else { return }
        let text = metrics.prometheusText(on: loop)
        text.assumeIsolated().whenComplete { [self] result in
            guard case .success(let text) = result else { return scrapes.failed() }
            var depths = MetricsText()
            pusher.depths.write(to: &depths)
            let spool = spoolDoor?.spool.status.prometheusText(at: clock.now) ?? ""
            scrapes.rendered(ByteBuffer(string: text + depths.text + spool))
        }
    }

    /// Counts and logs a request that is refused for its form; without a door where it found none.
    func noteRefusal(_ problem: Problem, of door: Door?, bytes: Int = 0) {
        noteRefusal(problem, at: door.map { meter(of: $0) } ?? MeterPlan.none, bytes: bytes)
    }

    private func noteRefusal(_ problem: Problem, at meter: Meter, bytes: Int = 0) {
        let isOurs = problem.status == 503
        loopMetrics.count(isOurs ? .unavailable : .refused, problem.status, at: meter, bytes: bytes)
        if isOurs { log.unavailable(nil, nil, at: meter) } else { log.refused(problem, at: meter) }
    }

    /// The counters of a door; a source that the path names has some of its own once it was accepted.
    func meter(of door: Door, isAccepted: Bool = false) -> Meter {
        if let meter = door.meter { return meter }
        let isSigned = !door.secrets.secrets.isEmpty
        let meter = loopMetrics.meter(of: door.match, isAccepted: isAccepted, isSigned: isSigned)
        if isAccepted || door.match.pathSource == nil { door.meter = meter }
        return meter
    }
}
