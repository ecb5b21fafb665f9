import Crypto
import TestSupport
import Testing

@testable import Shared

@Suite("Keyed digest")
struct KeyedDigestTests {
    @Test("is HMAC-SHA-256, whatever the lengths of key and message and however the message is cut")
    func agreesWithCrypto() {
        for keyLength in [0, 1, 31, 32, 63, 64, 65, 130] {
            let key = (0..<keyLength).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let prepared = KeyedDigest(key: key)
            for length in [0, 1, 55, 56, 63, 64, 65, 200] {
                let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 11) }
                let code = Array(
                    HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
                )
                var digest = prepared
                digest.update(Array(message.prefix(length / 3)))
                digest.update(Array(message.dropFirst(length / 3)))
                #expect(digest.accepts(code), "key of \(keyLength), message of \(length) bytes")
                var wrong = code
                wrong[31] ^= 1
                #expect(!digest.accepts(wrong))
                #expect(!digest.accepts(Array(code.dropLast())))
            }
        }
    }
}
