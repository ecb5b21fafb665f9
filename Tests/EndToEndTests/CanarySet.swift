import Foundation

/// Secrets, each planted once, and the search for them: in the clear and in base64 at each of its three
/// alignments.
struct CanarySet {
    /// What a sort of secrets begins with, and how many of its characters follow.
    private struct Sort {
        var prefix: String
        var length: Int
        var made = 0
    }

    private var words = Sort(prefix: "zqcanary", length: 6)
    private var numbers = Sort(prefix: "774190000055", length: 6)
    private var phones = Sort(prefix: "90555774", length: 4)
    private var cards = Sort(prefix: "4555774190", length: 6)
    private var ibans = Sort(prefix: "00774190006600", length: 8)
    private var addresses = Sort(prefix: "10.77.", length: 7)
    private var turn = 0
    private var secrets: Set<String> = []

    /// How many were made.
    var count: Int { secrets.count }

    /// A plain word.
    mutating func word() -> String {
        words.made += 1
        return remember(words.prefix + Self.digits(words.made, 6))
    }

    /// A number of 18 digits.
    mutating func number() -> String {
        numbers.made += 1
        return remember(numbers.prefix + Self.digits(numbers.made, 6))
    }

    /// An e-mail address, a phone, card or account number, or an IP address, in turn.
    mutating func personal() -> String {
        turn += 1
        switch turn % 5 {
        case 0: return word() + "@example.com"
        case 1:
            phones.made += 1
            return "+" + remember(phones.prefix + Self.digits(phones.made % 10_000, 4))
        case 2:
            cards.made += 1
            let stem = cards.prefix + Self.digits(cards.made % 100_000, 5)
            return remember(stem + "\(Self.checkDigit(of: stem))")
        case 3:
            ibans.made += 1
            let account = ibans.prefix + Self.digits(ibans.made, 8)
            remember(account)
            return Self.iban(account)
        default:
            addresses.made += 1
            return remember(
                "\(addresses.prefix)\(100 + addresses.made / 156 % 150).\(100 + addresses.made % 156)"
            )
        }
    }

    /// The secrets that the bytes hold, by name of the sort at most; empty when there are none.
    func found(in bytes: Data) -> [String] {
        var hits: [String] = []
        for sort in [words, numbers, phones, cards, ibans, addresses] {
            let size = sort.prefix.utf8.count + sort.length
            for place in Self.places(of: Array(sort.prefix.utf8), in: bytes) {
                let text = String(decoding: bytes[place..<min(bytes.endIndex, place + size)], as: UTF8.self)
                if secrets.contains(text) { hits.append(text) }
            }
            for code in Self.base64(of: sort.prefix) where !Self.places(of: code, in: bytes).isEmpty {
                hits.append("\(sort.prefix) in base64")
            }
        }
        return hits
    }

    @discardableResult
    private mutating func remember(_ secret: String) -> String {
        secrets.insert(secret)
        return secret
    }

    private static func places(of text: [UInt8], in bytes: Data) -> [Data.Index] {
        var places: [Data.Index] = []
        var rest = bytes.startIndex..<bytes.endIndex
        let pattern = Data(text)
        while let hit = bytes.range(of: pattern, in: rest) {
            places.append(hit.lowerBound)
            rest = hit.upperBound..<bytes.endIndex
        }
        return places
    }

    /// What base64 makes of a text wherever it begins: the characters that depend on it alone.
    private static func base64(of text: String) -> [[UInt8]] {
        (0..<3).compactMap { shift in
            let padded = [UInt8](repeating: 0, count: shift) + Array(text.utf8)
            let code = Array(Data(padded).base64EncodedString().utf8)
            let first = (shift * 8 + 5) / 6
            let last = padded.count * 8 / 6
            // Five characters would come up by chance.
            return last - first >= 7 ? Array(code[first..<last]) : nil
        }
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }

    /// ISO/IEC 7812-1 annex B.
    private static func checkDigit(of stem: String) -> Int {
        let sum = stem.utf8.reversed().enumerated().reduce(0) { sum, pair in
            let value = Int(pair.element - 0x30) * (pair.offset % 2 == 0 ? 2 : 1)
            return sum + (value > 9 ? value - 9 : value)
        }
        return (10 - sum % 10) % 10
    }

    /// A Turkish IBAN (ISO 13616) of 22 digits behind its check digits.
    private static func iban(_ account: String) -> String {
        // T is 29 and R is 27; the check digits are such that the rest modulo 97 is 1.
        let rest = (account + "292700").utf8.reduce(0) { ($0 * 10 + Int($1 - 0x30)) % 97 }
        return "TR\(digits(98 - rest, 2))\(account)"
    }
}
