import Crypto

/// Makes the texts of a ``Provenance`` out of what a stranger sent.
///
/// A header is never redacted, so only machine tokens pass: no spaces, no `@`, nothing outside ASCII, no card
/// or phone number, no IBAN and no IP address.
enum ProvenanceText {
    /// The longest text that an envelope carries from a header or a field, in bytes.
    static let maximumLength = 256

    /// The text when it is a machine token of at most 256 bytes, else nil.
    ///
    /// Parts between `|`, `=` and `~` are looked at one by one, as each may be all of a number.
    static func token(_ text: String?) -> String? {
        guard let text, (1...maximumLength).contains(text.utf8.count) else { return nil }
        var copy = text
        return copy.withUTF8 { areTokens(UnsafeRawBufferPointer($0)) } ? text : nil
    }

    /// The text when it is a token in which no value rule finds anything: a topic, which needs no long
    /// numbers.
    static func topic(_ text: String?) -> String? {
        guard var text = token(text) else { return nil }
        let isClean = text.withUTF8 { ValueRules.redact(UnsafeRawBufferPointer($0)) == nil }
        return isClean ? text : nil
    }

    /// The account that a header names, at most 256 bytes of it; empty where there is none.
    ///
    /// It may be anything: the pipeline replaces what is no token by a pseudonym, so that two shops stay two.
    static func account(_ text: String?) -> String {
        text?.bounded(toUTF8Count: maximumLength) ?? ""
    }

    /// Whether all parts between the joints are tokens.
    private static func areTokens(_ text: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        for index in 0...text.count {
            guard index == text.count || isJoint(text[index]) else { continue }
            let part = UnsafeRawBufferPointer(rebasing: text[start..<index])
            guard part.isEmpty || TokenRules.isToken(part) else { return false }
            start = index + 1
        }
        return true
    }

    private static func isJoint(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "|") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "~")
    }

    /// The delivery id of a message that brings none of its own: its body's digest.
    static func contentID(_ bodySHA256: String) -> String {
        "h:\(bodySHA256)"
    }

    /// The delivery id over several pieces of a message, joined by `|`.
    static func contentID(of pieces: [String], body: UnsafeRawBufferPointer) -> String {
        var digest = SHA256()
        for piece in pieces {
            Array("\(piece)|".utf8).withUnsafeBytes { digest.update(bufferPointer: $0) }
        }
        digest.update(bufferPointer: body)
        return contentID(digest.finalize().withUnsafeBytes { HexDigits.text($0) })
    }

    /// Whether a header or a captured field says yes: `true` or `1`.
    static func isTrue(_ text: String?) -> Bool {
        guard let text else { return false }
        return text == "1" || text.utf8.count == 4 && text.lowercased() == "true"
    }

    /// Whether a captured field says no: `false` or `0`.
    static func isFalse(_ text: String?) -> Bool {
        guard let text else { return false }
        return text == "0" || text.utf8.count == 5 && text.lowercased() == "false"
    }

    /// The instant of RFC 3339 text or of whole Unix seconds, or nil when it is none or absurd.
    static func instant(_ text: String?) -> Timestamp? {
        guard let text, text.utf8.count <= 64 else { return nil }
        let seconds = SignatureClock.seconds(text)
        let instant = seconds.map { Timestamp(seconds: $0) } ?? Timestamp(rfc3339: text)
        return instant.flatMap { Timestamp.plausible.contains($0) ? $0 : nil }
    }
}
