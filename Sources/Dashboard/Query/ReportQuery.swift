import Hummingbird
import Shared

/// The checked question behind a report.
struct ReportQuery: Hashable, Sendable {
    /// Most days that one answer covers.
    static let maxDays = 731

    var scope: ReportScope
    var from: BusinessDate
    var to: BusinessDate

    /// The question in one canonical form, as part of the entity tag.
    var canonical: String {
        "currency=\(scope.currency)&source=\(scope.source?.name ?? "*")&from=\(from)&to=\(to)"
    }
}

/// Reads query parameters; what it can't read becomes a problem that names the parameter, never the value.
struct QueryReader: Sendable {
    private let values: [String: String]

    /// - Throws: ``Problem`` for a parameter that is not allowed or appears twice.
    init(_ request: Request, allowed: Set<String>) throws(Problem) {
        var values: [String: String] = [:]
        for (key, value) in request.uri.queryParameters {
            guard allowed.contains(String(key)) else {
                let names = allowed.sorted().joined(separator: ", ")
                throw Problem(.badRequest, "The query may only have these parameters: \(names).")
            }
            guard values.updateValue(String(value), forKey: String(key)) == nil else {
                throw Problem(.badRequest, "\(key): must appear once.")
            }
        }
        self.values = values
    }

    /// Returns the scope; a source must be known, a currency must exist.
    func scope(base: Currency, known: Set<SourceID>) throws(Problem) -> ReportScope {
        var scope = ReportScope(currency: base)
        if let text = values["currency"], !text.isEmpty {
            guard let currency = Currency(text), CurrencyCodes.contains(currency) else {
                throw Problem(.badRequest, "currency: must be an ISO 4217 code, e.g. \(base).")
            }
            scope.currency = currency
        }
        if let text = values["source"], !text.isEmpty, text != "*" {
            guard let source = SourceID(text), known.contains(source) else {
                throw Problem(
                    .badRequest,
                    "source: must be * or the name of a known source, whether or not it sent something yet."
                )
            }
            scope.source = source
        }
        return scope
    }

    /// Returns the range of days: by default the 30 days that end with `yesterday`.
    func range(
        yesterday: BusinessDate,
        maxDays: Int = ReportQuery.maxDays
    ) throws(Problem) -> ClosedRange<BusinessDate> {
        let to = try date("to") ?? yesterday
        let from = try date("from") ?? to.advanced(by: -29)
        guard from <= to else { throw Problem(.badRequest, "from: must not lie after to.") }
        guard from.days(until: to) < maxDays else {
            throw Problem(.badRequest, "from, to: must span at most \(maxDays) days.")
        }
        return from...to
    }

    /// Returns whether all alerts are asked for, not only open ones.
    func includesResolved() throws(Problem) -> Bool {
        switch values["state"] ?? "open" {
        case "open", "": return false
        case "all": return true
        default: throw Problem(.badRequest, "state: must be open or all.")
        }
    }

    /// Returns a whole number in the range, or nil when it is not given.
    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
        guard let text = values[name], !text.isEmpty else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw Problem(
                .badRequest,
                "\(name): must be a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return value
    }

    private func date(_ name: String) throws(Problem) -> BusinessDate? {
        guard let text = values[name], !text.isEmpty else { return nil }
        // The years leave room for the days before and after that an answer looks at.
        guard let date = BusinessDate(text), (1970...9998).contains(date.civil.year) else {
            throw Problem(.badRequest, "\(name): must be a date of the form YYYY-MM-DD.")
        }
        return date
    }
}
