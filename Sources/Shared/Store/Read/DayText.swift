import Shared

/// The JSON texts of a day's row.
enum DayText {
    /// `{"FEE":-5,"SALE":100}`, kinds in alphabetical order so that equal figures have equal texts.
    static func encode(_ components: [LedgerKind: Int64]) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (kind, amount) in components.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.key(kind.rawValue)
            writer.append(int: amount)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The codes as a JSON array.
    static func encode(_ currencies: [Currency]) -> String {
        var writer = JSONWriter()
        writer.beginArray()
        for currency in currencies {
            writer.append(string: currency.code)
        }
        writer.endArray()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func components(_ text: String) throws -> [LedgerKind: Int64] {
        var components: [LedgerKind: Int64] = [:]
        for (name, amount) in try JSONDocument(Array(text.utf8)).root.members {
            components[try Stored.value(name)] = amount.int64
        }
        return components
    }

    static func currencies(_ text: String) throws -> [Currency] {
        guard text != "[]" else { return [] }
        return try JSONDocument(Array(text.utf8)).root.elements.map { try Stored.currency($0.string ?? "") }
    }
}
