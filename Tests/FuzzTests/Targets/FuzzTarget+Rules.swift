@testable import Shared

extension FuzzTarget {
    /// The rules for single texts: what they leave is stable, holds no address or long number, and is UTF-8.
    static let rules = FuzzTarget(
        name: "rules",
        seeds: { FuzzWords.personal + FuzzSeeds.texts },
        words: FuzzWords.personal + FuzzWords.json,
        run: { try fuzzRules($0) }
    )
}

/// Applies every rule to the bytes as text.
func fuzzRules(_ input: UnsafeRawBufferPointer) throws -> Int {
    let text = Array(String(decoding: input, as: UTF8.self).utf8)
    try checkIdentities(text)
    let isToken = text.withUnsafeBytes { TokenRules.isToken($0) }
    if isToken { try require(text.allSatisfy { (0x21...0x7E).contains($0) }, "a token that is no word") }
    guard let redacted = text.withUnsafeBytes({ ValueRules.redact($0) }) else {
        try checkNothingLeft(text)
        return isToken ? 1 : 0
    }
    try require(String(validating: redacted, as: UTF8.self) != nil, "the rules broke a character")
    try checkNothingLeft(redacted)
    if let again = redacted.withUnsafeBytes({ ValueRules.redact($0) }) {
        throw Finding("the rules find more in \(String(decoding: redacted, as: UTF8.self)): \(again)")
    }
    let marks = ["[email]", "[phone]", "[card]", "[iban]", "[ip]", "[number]"]
    let left = String(decoding: redacted, as: UTF8.self)
    return marks.enumerated().reduce(2) { $0 | (left.contains($1.element) ? 4 << $1.offset : 0) }
}

/// Neither an e-mail address nor nine digits in a row may be left.
private func checkNothingLeft(_ text: [UInt8]) throws {
    var digits = 0
    for (index, byte) in text.enumerated() {
        digits = byte &- 0x30 < 10 ? digits + 1 : 0
        try require(digits < 9, "nine digits in a row are left")
        guard byte == UInt8(ascii: "@"), index > 0, index + 1 < text.count else { continue }
        let isWord = { (byte: UInt8) in (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }
        try require(!isWord(text[index - 1]) || !isWord(text[index + 1]), "an e-mail address is left")
    }
}

/// A canonical form is canonical, and a pseudonym has its form.
private func checkIdentities(_ text: [UInt8]) throws {
    for identity in [FieldPolicy.Identity.email, .phone, .customerID] {
        let once = CanonicalIdentity(text, identity: identity)
        // Digits of what is no phone number may well be read as one.
        let isNumber = once.bytes.first == UInt8(ascii: "+")
        if identity != .phone || isNumber {
            let twice = CanonicalIdentity(once.bytes, identity: identity)
            try require(once.bytes == twice.bytes, "the canonical form of \(identity) is not stable")
        }
        if identity == .phone, isNumber {
            try require((8...16).contains(once.bytes.count), "a phone number of \(once.bytes.count) bytes")
        }
    }
}
