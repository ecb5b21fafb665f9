import Foundation
import Shared
import Testing

/// The golden numbers of the metric, from a model that shares no code with this one.
struct GoldenVector {
    private let members: [String: Any]

    /// Reads one vector of `Fixtures/vectors/revenue.json`.
    init(_ id: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/vectors/revenue.json"))
        let vectors = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        members = try #require(vectors.first { $0["id"] as? String == id })
    }

    subscript(_ key: String) -> Any? { members[key] }

    func list(_ key: String) throws -> [[String: Any]] {
        try #require(members[key] as? [[String: Any]])
    }

    func rows(_ key: String) throws -> [[Any]] {
        try #require(members[key] as? [[Any]])
    }

    func amounts(_ key: String) throws -> [BusinessDate: Int64] {
        let pairs = try #require(members[key] as? [String: Any])
        var amounts: [BusinessDate: Int64] = [:]
        for (day, value) in pairs {
            amounts[try #require(BusinessDate(day))] = try minor(value)
        }
        return amounts
    }
}

func minor(_ value: Any?) throws -> Int64 {
    try #require(value as? NSNumber).int64Value
}

func text(_ value: Any?) throws -> String {
    try #require(value as? String)
}

func vectorInstant(_ value: Any?) throws -> Timestamp {
    let text = try text(value)
    return try #require(Timestamp(rfc3339: text))
}

/// An instant that the test itself states.
func at(_ text: String) -> Timestamp {
    guard let instant = Timestamp(rfc3339: text) else { fatalError("\(text) is no instant.") }
    return instant
}

func day(_ text: String) -> BusinessDate {
    guard let date = BusinessDate(text) else { fatalError("\(text) is no date.") }
    return date
}

func zone(_ identifier: String) -> BusinessCalendar {
    guard let calendar = BusinessCalendar(identifier: identifier) else {
        fatalError("No zone \(identifier).")
    }
    return calendar
}

let istanbul = zone("Europe/Istanbul")
