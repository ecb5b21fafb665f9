import Shared

extension AlertDetail {
    /// The JSON text under which it is stored; equal details have equal texts.
    var text: String {
        var writer = JSONWriter()
        func put(_ key: String, _ number: Int64?) {
            guard let number else { return }
            writer.key(key)
            writer.append(int: number)
        }
        writer.beginObject()
        if let date {
            writer.key("date")
            writer.append(string: date.description)
        }
        put("prev", previousMinor)
        put("cur", currentMinor)
        put("threshold_pct", thresholdPercent.map { Int64($0) })
        put("last_received_at", lastReceivedAt?.milliseconds)
        put("payouts", payouts.map { Int64($0) })
        put("discrepancies", discrepancies.map { Int64($0) })
        put("oldest_seen_at", oldestSeenAt?.milliseconds)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Reads the stored text.
    init(stored text: String) throws {
        let root = try JSONDocument(Array(text.utf8)).root
        self.init(
            date: try root["date"].string.map { try Stored.date($0) },
            previousMinor: root["prev"].int64,
            currentMinor: root["cur"].int64,
            thresholdPercent: root["threshold_pct"].int64.map { Int($0) },
            lastReceivedAt: root["last_received_at"].int64.map { Timestamp(milliseconds: $0) },
            payouts: root["payouts"].int64.map { Int($0) },
            discrepancies: root["discrepancies"].int64.map { Int($0) },
            oldestSeenAt: root["oldest_seen_at"].int64.map { Timestamp(milliseconds: $0) }
        )
    }
}
