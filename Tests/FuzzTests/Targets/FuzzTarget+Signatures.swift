import Crypto
import Foundation

@testable import Shared

extension FuzzTarget {
    /// Signature headers: what verifies holds the right code, the right code verifies whatever stands beside
    /// it, and no other body does.
    ///
    /// The lines of an input are a header, an id, a time, and the body.
    static let signatures = FuzzTarget(
        name: "signatures",
        seeds: { FuzzSeeds.signatures },
        words: FuzzWords.signatures,
        run: { try fuzzSignatures($0) }
    )
}

/// Headers for targets.
struct FuzzHeaders: HeaderLookup {
    var values: [String: String]

    func first(_ name: String) -> String? { values[name] }
}

private let now = Timestamp(milliseconds: 1_795_428_000_000)
private let seconds = "1795428000"
private let secret = Secret("whsec_Z3Jvd3RoIGdyb3d0aCBncm93dGggZ3Jvd3RoIQ==")
private let wrong = Secret("whsec_d3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmcgd3Jvbmc=")
/// The key that Standard Webhooks reads out of the secret.
private let decodedKey = Array("growth growth growth growth!".utf8)

/// Checks the input as a header of each scheme.
func fuzzSignatures(_ input: UnsafeRawBufferPointer) throws -> Int {
    let lines = input.split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false).map { Array($0) }
    let header = String(decoding: lines[0], as: UTF8.self)
    let id = String(decoding: lines.count > 1 ? lines[1] : [], as: UTF8.self)
    let time = String(decoding: lines.count > 2 ? lines[2] : [], as: UTF8.self)
    let body = lines.count > 3 ? lines[3] : []
    try checkText(lines[0])
    let verdicts = [
        try checkStripe(header, body),
        try checkStandard(header, id, time, body),
        try checkPlain(header, body),
    ]
    return verdicts.reduce(0) { $0 * 8 + $1 }
}

private func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
}

private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func number(_ verdict: SignatureVerdict) -> Int {
    switch verdict {
    case .verified: 0
    case .unsigned: 1
    case .failed(.missing): 2
    case .failed(.malformed): 3
    case .failed(.stale): 4
    case .failed(.mismatch): 5
    case .failed(.otherAccount): 6
    }
}

private func stripe(_ header: String, _ body: [UInt8], _ secrets: [Secret]) -> SignatureVerdict {
    body.withUnsafeBytes { StripeSignature.verify(header, body: $0, secrets: secrets, now: now) }
}

private func checkStripe(_ header: String, _ body: [UInt8]) throws -> Int {
    let verdict = stripe(header, body, [secret])
    if case .verified = verdict {
        let parts = header.split(separator: ",").map { $0.drop { $0 == " " } }
        let times = parts.filter { $0.hasPrefix("t=") }.map { $0.dropFirst(2) }
        try require(times.count == 1, "a header with \(times.count) times verifies")
        let expected = hex(code(Array("\(times[0]).".utf8) + body, key: secret.bytes))
        try require(
            parts.contains { $0.lowercased() == "v1=\(expected)" },
            "a header verifies without the code"
        )
        let age = (Int64(times[0]) ?? 0) - 1_795_428_000
        try require(abs(age) <= 300, "a header of another time verifies")
    }
    // A sign that joins the one before makes another character of `=`, and the header malformed.
    let plain = header.utf8.filter { (0x21...0x7E).contains($0) && $0 != 0x2C && $0 != 0x3D }
    let junk = String(decoding: plain.prefix(40), as: UTF8.self)
    let right = hex(code(Array("\(seconds).".utf8) + body, key: secret.bytes))
    let wrongCode = String(repeating: "0", count: 64)
    for text in [
        "t=\(seconds),v1=\(right)", "v0=\(junk),t=\(seconds),v1=\(wrongCode),v1=\(right.uppercased())",
        "t=\(seconds), v1=\(junk), v1=\(right),scheme=\(junk)",
    ] {
        try require(stripe(text, body, [wrong, secret]) == .verified(secret: 1), "\(text) does not verify")
        try require(stripe(text, body + [0x20], [secret]) == .failed(.mismatch), "another body verifies")
        try require(stripe(text, body, [wrong]) == .failed(.mismatch), "another secret verifies")
    }
    let old = hex(code(Array("1795427699.".utf8) + body, key: secret.bytes))
    try require(stripe("t=1795427699,v1=\(old)", body, [secret]) == .failed(.stale), "an old one verifies")
    return number(verdict)
}

private func standard(
    _ header: String,
    _ id: String,
    _ time: String,
    _ body: [UInt8],
    _ secrets: [Secret] = [secret]
) -> SignatureVerdict {
    let headers = FuzzHeaders(
        values: ["webhook-signature": header, "webhook-id": id, "webhook-timestamp": time]
    )
    return body.withUnsafeBytes {
        StandardWebhooksSignature.verify(headers: headers, body: $0, secrets: secrets, now: now)
    }
}

private func checkStandard(_ header: String, _ id: String, _ time: String, _ body: [UInt8]) throws -> Int {
    let verdict = standard(header, id, time, body)
    let message = Array("\(id).\(time).".utf8) + body
    let expected = Data(code(message, key: decodedKey)).base64EncodedString()
    if case .verified = verdict {
        // The last digit before the padding has two bits that mean nothing.
        let stem = "v1,\(expected.dropLast(2))"
        try require(header.contains(stem), "a header verifies without the code")
        try require(!id.contains("."), "an id with a dot verifies")
    }
    let cleanID =
        String(decoding: id.utf8.prefix(200).filter { $0 > 0x20 && $0 < 0x7F && $0 != 0x2E }, as: UTF8.self)
        + "x"
    let right = Data(code(Array("\(cleanID).\(seconds).".utf8) + body, key: decodedKey)).base64EncodedString()
    let junk = String(decoding: header.utf8.filter { (0x21...0x7E).contains($0) }.prefix(40), as: UTF8.self)
    let text = "v1,\(junk) v2,\(right) v1,\(right)"
    try require(
        standard(text, cleanID, seconds, body, [wrong, secret]) == .verified(secret: 1),
        "the right code does not verify beside \(junk)"
    )
    try require(standard(text, cleanID, seconds, body + [0]) == .failed(.mismatch), "another body verifies")
    try require(
        standard(text, cleanID + "y", seconds, body) == .failed(.mismatch),
        "another id verifies"
    )
    return number(verdict)
}

/// The schemes that are one code and nothing else.
private func checkPlain(_ header: String, _ body: [UInt8]) throws -> Int {
    let code = code(body, key: secret.bytes)
    let (digits, base64) = (hex(code), Data(code).base64EncodedString())
    return try body.withUnsafeBytes { bytes in
        let request = WebhookRequest(
            variant: "",
            pathSource: nil,
            headers: FuzzHeaders(values: [:]),
            body: bytes,
            receivedAt: now
        )
        let verdict = HMACSignature.hexOrBase64(header, of: request, secrets: [secret])
        if case .verified = verdict {
            let text = header.hasPrefix("sha256=") ? String(header.dropFirst(7)) : header
            let isBase64 = text.filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }.hasPrefix(
                base64.dropLast(2)
            )
            try require(text.lowercased() == digits || isBase64, "a text verifies that is not the code")
        }
        for text in [digits, "sha256=\(digits)", base64, digits.uppercased(), String(base64.dropLast())] {
            let verdict = HMACSignature.hexOrBase64(text, of: request, secrets: [wrong, secret])
            try require(verdict == .verified(secret: 1), "\(text) does not verify")
        }
        try require(
            HMACSignature.base64(digits, of: request, secrets: [secret]) != .verified(secret: 0),
            "digits verify as base64"
        )
        return number(verdict)
    }
}

/// Base64 and hexadecimal text, against Foundation's encoder.
private func checkText(_ text: [UInt8]) throws {
    if let bytes = SignatureText.base64(text) {
        let digits = text.filter { $0 != 0x0A && $0 != 0x0D && $0 != UInt8(ascii: "=") }
        let again = Array(Data(bytes).base64EncodedString().utf8).filter { $0 != UInt8(ascii: "=") }
        // The bits of the last digit that no byte holds are ignored.
        try require(digits.count == again.count, "base64 of another length")
        try require(digits.dropLast().elementsEqual(again.dropLast()), "base64 reads as other bytes")
        if digits.count.isMultiple(of: 4) { try require(digits == again, "base64 reads as other bytes") }
    }
    let canonical = Array(Data(text).base64EncodedString().utf8)
    try require(SignatureText.base64(canonical) == text, "base64 does not come back")
    let string = String(decoding: text, as: UTF8.self)
    if let bytes = HexDigits.decode(string) {
        try require(hex(bytes) == string.lowercased(), "hexadecimal digits read as other bytes")
    }
    try require(HexDigits.decode(hex(text).uppercased()) == text, "hexadecimal digits do not come back")
}
