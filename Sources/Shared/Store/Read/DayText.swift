import Foundation
import Shared

/// The JSON texts of a day's row.
enum DayText {
    /// `{"FEE":-5,"SALE":100}`, kinds in alphabetical order so that equal figures have equal texts.
    static func encode(_ components: [LedgerKind: Int64]) -> String {
        let members = components.map { "\"\($0.key.rawValue)\":\($0.value)" }.sorted()
        return "{\(members.joined(separator: ","))}"
    }

    /// The codes as a JSON array.
    static func encode(_ currencies: [Currency]) -> String {
        "[\(currencies.map { "\"\($0.code)\"" }.joined(separator: ","))]"
    }

    static func components(_ text: String) throws -> [LedgerKind: Int64] {
        let members = try JSONDecoder().decode([String: Int64].self, from: Data(text.utf8))
        var components: [LedgerKind: Int64] = [:]
        for (name, amount) in members {
            components[try Stored.value(name)] = amount
        }
        return components
    }

    static func currencies(_ text: String) throws -> [Currency] {
        guard text != "[]" else { return [] }
        return try JSONDecoder().decode([String].self, from: Data(text.utf8)).map { try Stored.currency($0) }
    }
}
