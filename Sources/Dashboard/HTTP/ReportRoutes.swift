import HTTPTypes
import Hummingbird
import Shared

/// `GET /dashboard/kpi`, `/dashboard/series`, `/dashboard/series.csv`, `/dashboard/skus`,
/// `/dashboard/alerts`.
struct ReportRoutes: Sendable {
    let reader: ReportReader
    let clock: any WallClock

    func add(to group: RouterGroup<DashboardContext>) {
        group.get("kpi") { request, _ in try await problems { try await kpi(request) } }
        group.get("series") { request, _ in
            try await problems {
                try await series(request, asCSV: Self.prefersCSV(request.headers[.accept]), isFile: false)
            }
        }
        group.get("series.csv") { request, _ in
            try await problems { try await series(request, asCSV: true, isFile: true) }
        }
        group.get("skus") { request, _ in try await problems { try await products(request) } }
        group.get("alerts") { request, _ in try await problems { try await alerts(request) } }
    }

    private func kpi(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, allowed: ["currency", "source"])
        let versions = try await reader.store.versions()
        let signals = try await reader.store.signals(at: clock.now)
        let scope = try query.scope(base: reader.baseCurrency, known: Self.known(signals))
        let time = reader.localTime(at: clock.now)
        // The comparison with yesterday moves with the clock, so the minute is part of the question.
        let tag = EntityTag(
            versions: versions,
            today: time.today,
            question:
                "kpi?currency=\(scope.currency)&source=\(scope.source?.name ?? "*")&until=\(time.minute)"
        )
        return try await ReportResponse(tag: tag).make(for: request) {
            try await reader.keyFigures(scope, versions: versions, at: time, signals: signals).json
        }
    }

    private func series(_ request: Request, asCSV: Bool, isFile: Bool) async throws -> Response {
        let query = try QueryReader(request, allowed: ["currency", "from", "source", "to"])
        let versions = try await reader.store.versions()
        let signals = try await reader.store.signals(at: clock.now)
        let scope = try query.scope(base: reader.baseCurrency, known: Self.known(signals))
        let time = reader.localTime(at: clock.now)
        let range = try query.range(yesterday: time.yesterday)
        let question = ReportQuery(scope: scope, from: range.lowerBound, to: range.upperBound)
        let tag = EntityTag(
            versions: versions,
            today: time.today,
            question: "series?\(question.canonical)&format=\(asCSV ? "csv" : "json")"
                + "&judged=\(time.firstJudgedDay)"
        )
        var response = ReportResponse(tag: tag, varyOnAccept: !isFile)
        if asCSV { response.contentType = "text/csv; charset=utf-8; header=present" }
        if isFile {
            let name = "net-revenue_\(question.from)_\(question.to)_\(scope.currency).csv"
            response.disposition = "attachment; filename=\"\(name)\""
        }
        return try await response.make(for: request) {
            let report = try await reader.series(question, versions: versions, at: time)
            return asCSV ? report.csv : report.json
        }
    }

    private func products(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, allowed: ["currency", "from", "limit", "source", "to"])
        let versions = try await reader.store.versions()
        let signals = try await reader.store.signals(at: clock.now)
        let scope = try query.scope(base: reader.baseCurrency, known: Self.known(signals))
        let time = reader.localTime(at: clock.now)
        let range = try query.range(yesterday: time.yesterday, maxDays: ProductsReport.maxDays)
        let limit = Int(try query.integer("limit", in: 1...100) ?? 10)
        let question = ReportQuery(scope: scope, from: range.lowerBound, to: range.upperBound)
        let tag = EntityTag(
            versions: versions,
            today: time.today,
            question: "skus?\(question.canonical)&limit=\(limit)"
        )
        return try await ReportResponse(tag: tag).make(for: request) {
            try await reader.products(question, limit: limit, versions: versions).json
        }
    }

    private func alerts(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, allowed: ["cursor", "limit", "state"])
        let includesResolved = try query.includesResolved()
        let limit = Int(try query.integer("limit", in: 1...200) ?? 50)
        let cursor = try query.integer("cursor", in: 1...Int64.max)
        let versions = try await reader.store.versions()
        let time = reader.localTime(at: clock.now)
        // An alert waits for a rate until an instant that need not be a midnight.
        let tag = EntityTag(
            versions: versions,
            today: time.today,
            question: "alerts?all=\(includesResolved)&limit=\(limit)&cursor=\(cursor ?? 0)"
                + "&judged=\(time.firstJudgedDay)"
        )
        return try await ReportResponse(tag: tag).make(for: request) {
            // One more than asked for tells whether there is a next page.
            let found = try await reader.store.alerts(
                onlyOpen: !includesResolved,
                limit: limit + 1,
                before: cursor
            )
            return AlertsReport.make(
                found,
                limit: limit,
                currency: reader.baseCurrency,
                rateGaps: try await reader.rateGaps(behind: found, at: time)
            ).json
        }
    }

    private static func known(_ signals: [SourceSignal]) -> Set<SourceID> {
        Set(signals.map(\.source)).union(ProviderCatalog.adapters.map(\.source))
    }

    /// Whether the caller prefers CSV: it names `text/csv`, and JSON not before it.
    private static func prefersCSV(_ accept: String?) -> Bool {
        guard let accept, let csv = accept.firstRange(of: "text/csv") else { return false }
        guard let json = accept.firstRange(of: "application/json") else { return true }
        return csv.lowerBound < json.lowerBound
    }
}

/// Turns a failing store into an answer.
func problems<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
        return try await work()
    } catch let error as StoreError {
        throw Problem(error)
    }
}
