import GRDB

extension SQLiteStore {
    /// With what a database was made, which it keeps.
    public struct Origin: Hashable, Sendable {
        /// The zone of its business days.
        public let timeZone: String
        /// The code of its base currency.
        public let baseCurrency: String
    }

    /// Returns with what the database of a file was made; changes nothing.
    ///
    /// - Returns: Nil where there is none, or it can't be read: whoever opens it then hears why.
    public static func origin(ofFile path: String) -> Origin? {
        var options = GRDB.Configuration()
        options.readonly = true
        options.busyMode = .timeout(1)
        return try? DatabaseQueue(path: path, configuration: options).read { db in
            guard let zone = try db.meta(MetaKey.timeZone), let currency = try db.meta(MetaKey.baseCurrency)
            else { return nil }
            return Origin(timeZone: zone, baseCurrency: currency)
        }
    }
}
