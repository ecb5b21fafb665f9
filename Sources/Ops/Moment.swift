import ArgumentParser
import Shared

/// A point in time as an operator writes it.
enum Moment {
    /// Reads `2026-11-24`, the beginning of a business day, or an RFC 3339 time.
    static func read(_ text: String, _ calendar: BusinessCalendar) throws(ValidationError) -> Timestamp {
        if let date = BusinessDate(text), let start = calendar.start(of: date) { return start }
        if let instant = Timestamp(rfc3339: text) { return instant }
        throw ValidationError("A time is a day such as 2026-11-24, or such as 2026-11-24T10:00:00Z.")
    }

    /// Reads a business day; nil for nil.
    static func day(_ text: String?) throws(ValidationError) -> BusinessDate? {
        guard let text else { return nil }
        guard let date = BusinessDate(text) else {
            throw ValidationError("A day is written such as 2026-11-24.")
        }
        return date
    }
}

/// The command could not do what was asked; ends it with code 1.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Int {
    /// The number with its noun: `1 job`, `2 jobs`.
    func counted(_ one: String, _ many: String) -> String { "\(self) \(self == 1 ? one : many)" }
}
