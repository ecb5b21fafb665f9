import HTTPTypes
import Hummingbird
import Shared

/// `POST /dashboard/alerts/{id}/ack` and `/snooze`: the only routes that change something.
struct AlertRoutes: Sendable {
    /// Longest silence: 30 days.
    static let longestSnooze: Int64 = 30 * 86_400_000
    /// The dashboard has one token, so this is all that is known of who pressed the button.
    static let person = "dashboard"

    let reader: ReportReader
    let clock: any WallClock

    func add(to group: RouterGroup<DashboardContext>) {
        group.post("alerts/{id}/ack") { _, context in
            let id = try Self.id(in: context)
            return try await problems {
                try await answer(
                    try await reader.store.acknowledge(alert: id, by: Self.person, at: clock.now)
                )
            }
        }
        group.post("alerts/{id}/snooze") { request, context in
            let id = try Self.id(in: context)
            let until = try await Self.until(in: request, at: clock.now)
            return try await problems {
                try await answer(
                    try await reader.store.snooze(alert: id, until: until, by: Self.person, at: clock.now)
                )
            }
        }
    }

    private static func id(in context: DashboardContext) throws(Problem) -> Int64 {
        guard let text = context.parameters.get("id"), let id = Int64(text), id > 0 else {
            throw Problem(.badRequest, "The alert's id must be a positive whole number.")
        }
        return id
    }

    private static func until(in request: Request, at now: Timestamp) async throws -> Timestamp {
        let problem = Problem(
            .badRequest,
            "The body must be {\"until\":\"<RFC 3339 time>\"} with a time within the next 30 days."
        )
        guard let buffer = try? await request.body.collect(upTo: 4096),
            let document = try? JSONDocument(Array(buffer.readableBytesView)),
            let text = document.root["until"].string, let until = Timestamp(rfc3339: text),
            until > now, until <= now.advanced(byMilliseconds: longestSnooze)
        else { throw problem }
        return until
    }

    private func answer(_ change: AlertChange) async throws -> Response {
        switch change {
        case .changed(let alert):
            let headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
            let time = reader.localTime(at: clock.now)
            let gap = try await reader.rateGaps(behind: [alert], at: time)[alert.id]
            let body = ByteBuffer(bytes: AlertsReport.json(of: alert, gap: gap))
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        case .notFound: throw Problem(.notFound, "There is no such alert.")
        case .resolved: throw Problem(.conflict, "The alert is resolved, so there is nothing to change.")
        }
    }
}
