import TestSupport

/// A random document in which every string, long number and suspicious key is a secret of its own.
struct CanaryDocument {
    enum Sort: CaseIterable {
        case word
        case email
        case phone
        case number
    }

    struct Canary {
        var secret: String
        var sort: Sort
        /// The steps from the root: keys, and `[]` for elements.
        var path: [String]
    }

    private(set) var text = ""
    private(set) var canaries: [Canary] = []
    /// Secrets that stand in keys.
    private(set) var keys: [String] = []
    /// Numbers that are no secrets, and may be dropped all the same.
    private(set) var plainNumbers = 0
    private var serial = 0

    init(using random: inout SeededGenerator) {
        object([], depth: 0, &random)
    }

    private mutating func value(_ path: [String], depth: Int, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<(depth < 4 ? 10 : 7), using: &random) {
        case 0:
            let word = ["null", "true", "false", "7"].randomElement(using: &random) ?? "null"
            if word == "7" { plainNumbers += 1 }
            text += word
        case 1..<7: canary(path, &random)
        case 7: array(path, depth: depth + 1, &random)
        default: object(path, depth: depth + 1, &random)
        }
    }

    private mutating func object(_ path: [String], depth: Int, _ random: inout SeededGenerator) {
        text += "{"
        for index in 0..<Int.random(in: 0...5, using: &random) {
            if index > 0 { text += "," }
            if random.chance(1, in: 3) { text += " " }
            let key = key(&random)
            text += quoted(key, &random) + (random.chance(1, in: 4) ? " : " : ":")
            value(path + [key], depth: depth, &random)
        }
        text += "}"
    }

    private mutating func array(_ path: [String], depth: Int, _ random: inout SeededGenerator) {
        text += "["
        for index in 0..<Int.random(in: 0...4, using: &random) {
            if index > 0 { text += "," }
            value(path + ["[]"], depth: depth, &random)
        }
        text += "]"
    }

    private mutating func key(_ random: inout SeededGenerator) -> String {
        guard random.chance(1, in: 6) else {
            return ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
        }
        let secret = secret([.email, .phone].randomElement(using: &random) ?? .email, &random)
        keys.append(secret)
        return secret
    }

    private mutating func canary(_ path: [String], _ random: inout SeededGenerator) {
        let sort = Sort.allCases.randomElement(using: &random) ?? .word
        let secret = secret(sort, &random)
        canaries.append(Canary(secret: secret, sort: sort, path: path))
        if sort == .number {
            text += secret
        } else {
            text += quoted(secret, &random)
        }
    }

    private mutating func secret(_ sort: Sort, _ random: inout SeededGenerator) -> String {
        serial += 1
        let letters = String(
            (0..<8).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0x67...0x7A, using: &random))) }
        )
        let digits = String(
            UInt64.random(in: 100_000_000_000...899_999_999_999, using: &random) + UInt64(serial)
        )
        switch sort {
        case .word: return "zz" + letters
        case .email: return letters + "@" + letters + ".example"
        case .phone: return "+" + digits
        case .number: return digits
        }
    }

    /// The text as a JSON string, at times with an escape.
    private func quoted(_ text: String, _ random: inout SeededGenerator) -> String {
        guard random.chance(1, in: 4), let first = text.utf8.first else { return "\"\(text)\"" }
        let hex = String(first, radix: 16)
        return "\"\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)\(text.dropFirst())\""
    }
}
