import Shared
import TestSupport
import Testing

@Suite struct JSONKeyIndexTests {
    @Test("a key of a large object finds what a search through all its members finds")
    func likeSearch() throws {
        var random = SeededGenerator(test: "JSON key index")
        for _ in 0..<2000 {
            let keys = Self.keys(using: &random)
            let members = keys.enumerated().map { index, key in
                "\(Self.quoted(key, using: &random)):\(index)"
            }
            let object = try JSONDocument(Array("{\(members.joined(separator: ","))}".utf8)).root
            for key in keys + ["", "a", "total_price_set", "ğ"] {
                let expected = keys.lastIndex(of: key).map { Int64($0) }
                #expect(object[key].int64 == expected, "seed \(random.seed), \(key) of \(keys)")
            }
        }
    }

    /// Keys of which many begin, end or are like others.
    private static func keys(using random: inout SeededGenerator) -> [String] {
        let stems = ["", "a", "id", "price", "total_price", "total_price_set", "current_total_price", "ş"]
        return (0..<Int.random(in: 0...60, using: &random)).map { _ in
            let stem = stems.randomElement(using: &random) ?? ""
            return random.chance(1, in: 3) ? stem : stem + "\(Int.random(in: 0...40, using: &random))"
        }
    }

    /// The key in quotes, now and then with its first letter escaped.
    private static func quoted(_ key: String, using random: inout SeededGenerator) -> String {
        guard random.chance(1, in: 200), let first = key.utf16.first, key.utf8.first ?? 0x80 < 0x80 else {
            return "\"\(key)\""
        }
        let digits = String(first, radix: 16)
        let zeros = String(repeating: "0", count: 4 - digits.count)
        return "\"\\u\(zeros)\(digits)\(key.dropFirst())\""
    }

    @Test("keys made up to collide are found all the same, in objects of any size")
    func collisions() throws {
        for count in [7, 8, 15, 16, 17, 18, 1000] {
            let keys = (0..<count).map { "12345678\(1_000_000 + $0)12345678" }
            let members = keys.enumerated().map { "\"\($1)\":\($0)" }
            let object = try JSONDocument(Array("{\(members.joined(separator: ","))}".utf8)).root
            let found = keys.map { object[$0].int64 }
            #expect(found == (0..<Int64(count)).map(Optional.init))
            #expect(object["12345678200000012345678"].kind == .missing)
        }
    }

    @Test("objects within objects each have their own keys")
    func nested() throws {
        func object(_ depth: Int) -> String {
            let members = (0..<9).map { "\"k\($0)\":\(depth * 10 + $0)" }.joined(separator: ",")
            return depth == 4 ? "{\(members)}" : "{\"x\":\(object(depth + 1)),\(members),\"k3\":[{}]}"
        }
        var value = try JSONDocument(Array(object(0).utf8)).root
        for depth in 0..<5 {
            #expect(value["k8"].int64 == Int64(depth * 10 + 8))
            #expect(value["k3"].kind == (depth == 4 ? .number : .array))
            #expect(value["k9"].kind == .missing)
            value = value["x"]
        }
    }
}
