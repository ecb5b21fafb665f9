/// The rules that kept text must pass: what looks like personal data in it is replaced by the name of its
/// rule.
///
/// Linear in the length of the text. The rules rather replace too much than too little: a run of nine or more
/// digits in a title is never kept, whatever it means.
struct ValueRules {
    /// What a rule found.
    struct Hit {
        var range: Range<Int>
        var marker: StaticString
    }

    /// The UTF-8 that is looked at.
    let text: UnsafeRawBufferPointer
    /// What lies before was replaced already and is out of reach.
    private(set) var floor = 0

    private init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// How often what was left is looked at again.
    private static let maximumRounds = 4

    /// Returns the text with everything replaced that a rule found, or nil when no rule found anything.
    ///
    /// What is left is looked at again: a replacement may end a word in which a rule then finds something, so
    /// that redacting a second time would change it.
    static func redact(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard isSuspicious(text), var left = replaced(text) else { return nil }
        for _ in 0..<maximumRounds {
            guard let next = left.withUnsafeBytes({ replaced($0) }) else { break }
            left = next
        }
        return left
    }

    /// One look at the text: e-mail addresses go first and whole, since digits may be part of them.
    private static func replaced(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var emails = ValueRules(text)
        guard let first = emails.redacted({ $0.email(at: $1) }) else {
            var others = ValueRules(text)
            return others.redacted { $0.other(at: $1) }
        }
        return first.withUnsafeBytes { rest in
            var others = ValueRules(rest)
            return others.redacted { $0.other(at: $1) }
        } ?? first
    }

    /// Whether the text as a whole is an IBAN.
    static func isIBAN(_ text: UnsafeRawBufferPointer) -> Bool {
        15...34 ~= text.count && ValueRules(text).iban(at: 0)?.range.upperBound == text.count
    }

    enum Finding {
        case hit(Hit)
        /// Nothing begins before this index.
        case skip(to: Int)
    }

    private mutating func redacted(_ find: (ValueRules, Int) -> Finding) -> [UInt8]? {
        var output: [UInt8] = []
        var index = 0
        while index < text.count {
            switch find(self, index) {
            case .hit(let hit):
                output.append(contentsOf: text[floor..<hit.range.lowerBound])
                output.append(contentsOf: hit.marker.description.utf8)
                floor = hit.range.upperBound
                index = floor
            case .skip(let end):
                index = end
            }
        }
        guard floor > 0 else { return nil }
        output.append(contentsOf: text[floor...])
        return output
    }

    private func other(at index: Int) -> Finding {
        if !isWord(before: index), let hit = iban(at: index) ?? internetAddress(at: index) {
            return .hit(hit)
        }
        if text[index] | 0x20 == UInt8(ascii: "g"), let range = PersonGID.range(in: text, at: index) {
            return .hit(Hit(range: range, marker: "[customer]"))
        }
        return DigitScan.digit(text, at: index) == nil ? .skip(to: index + 1) : number(at: index)
    }

    /// A quick look that lets pass what no rule could find anything in.
    @inline(__always)
    private static func isSuspicious(_ text: UnsafeRawBufferPointer) -> Bool {
        var digits = 0
        var dots = 0
        var colons = 0
        for byte in text {
            if byte &- 0x30 < 10 {
                digits += 1
            } else if byte == UInt8(ascii: ".") {
                dots += 1
            } else if byte == UInt8(ascii: ":") {
                colons += 1
            } else if byte == UInt8(ascii: "@") || byte == UInt8(ascii: "%") {
                return true
            } else if byte == 0xD9 || byte == 0xDB || byte == 0xEF {
                // Where digits of other scripts, or a full-width @, may come.
                return true
            }
        }
        return digits >= 7 || (digits >= 4 && dots >= 3) || colons >= 2 || (digits >= 1 && colons >= 1)
            || (digits >= 2 && text.count >= 15)
    }

    /// Whether a letter, a digit, or a byte of one beyond ASCII stands before the index.
    func isWord(before index: Int) -> Bool {
        index > floor && Self.isWord(text[index - 1])
    }

    @inline(__always)
    static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }
}
