import Shared

/// The `Date` header's value, made anew at most once a second.
struct HTTPDate {
    private var second: Int64 = .min
    private var text = ""
    private var lead = AnswerLead(date: "")

    /// Returns what the answers of an instant share.
    mutating func lead(at now: Timestamp) -> AnswerLead {
        let date = text(at: now)
        if lead.date != date { lead = AnswerLead(date: date) }
        return lead
    }

    /// Returns an instant in the form of RFC 9110 section 5.6.7, such as `Mon, 23 Nov 2026 10:00:00 GMT`.
    mutating func text(at now: Timestamp) -> String {
        // A machine whose clock was never set may stand before the epoch.
        let current = max(0, now.milliseconds / 1000)
        guard current != second else { return text }
        second = current
        let days = Int32(clamping: current / 86_400)
        let (year, month, day) = BusinessDate(daysSinceEpoch: days).civil
        // 1970-01-01 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(days) % 7]
        let name = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][month - 1]
        let inDay = Int(current % 86_400)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let time = "\(two(inDay / 3600)):\(two(inDay / 60 % 60)):\(two(inDay % 60))"
        text = "\(weekday), \(two(day)) \(name) \(year) \(time) GMT"
        return text
    }
}
