import GRDB
import Shared

/// A minute of a business day.
struct DayMinuteKey: Hashable {
    var date: BusinessDate
    var source: SourceID
    var currency: Currency
    var minute: Int64
}

/// A minute of a source's deliveries.
struct SignalMinuteKey: Hashable {
    var source: SourceID
    var minute: Int64
}

extension Timestamp {
    /// Whole minutes since 1970; the minute before it is -1.
    var minute: Int64 {
        let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
        return rest < 0 ? minutes - 1 : minutes
    }
}

extension BatchWriter {
    /// Adds an entry to its minute, or takes it out; only kinds of net revenue count.
    func addMinute(_ amount: Int64, entries: Int64, to key: CubeKey, at instant: Timestamp) throws {
        guard key.kind.countsInNetRevenue else { return }
        let minute = DayMinuteKey(
            date: key.date,
            source: key.source,
            currency: key.currency,
            minute: instant.minute
        )
        var delta = dayMinutes[minute] ?? CubeDelta()
        delta.amount = try delta.amount.checkedAdding(amount)
        delta.entries += entries
        dayMinutes[minute] = delta
    }

    /// Counts a delivery that shows that customers are buying, as far as its source can.
    func countSignal(_ envelope: Envelope, receivedAt: Timestamp) {
        guard !envelope.provenance.isTest else { return }
        let key = SignalMinuteKey(source: envelope.source, minute: receivedAt.minute)
        signalMinutes[key, default: 0] += 1
    }

    /// Writes the minutes that the batch changed.
    func flushMinutes() throws {
        for (key, delta) in dayMinutes where delta.amount != 0 || delta.entries != 0 {
            guard try !hasEmptied(key, delta) else { continue }
            // A row's check is made before its conflict is found, and a batch may take entries away.
            try run(
                """
                INSERT INTO growth_daily_minute(business_date, source, currency, minute, net_minor, entries)
                VALUES (?1,?2,?3,?4,?5,max(?6, 1))
                ON CONFLICT DO UPDATE SET net_minor=net_minor+?5, entries=entries+?6
                """,
                key.date.description,
                key.source.name,
                key.currency.code,
                key.minute,
                delta.amount,
                delta.entries
            )
        }
        for (key, count) in signalMinutes {
            try run(
                """
                INSERT INTO growth_signal_minute(source, minute, deliveries) VALUES (?,?,?)
                ON CONFLICT DO UPDATE SET deliveries=deliveries+excluded.deliveries
                """,
                key.source.name,
                key.minute,
                count
            )
        }
    }

    private func hasEmptied(_ key: DayMinuteKey, _ delta: CubeDelta) throws -> Bool {
        guard delta.entries < 0 else { return false }
        try run(
            """
            DELETE FROM growth_daily_minute
            WHERE business_date=? AND source=? AND currency=? AND minute=? AND entries + ? = 0
            """,
            key.date.description,
            key.source.name,
            key.currency.code,
            key.minute,
            delta.entries
        )
        return db.changesCount > 0
    }
}
