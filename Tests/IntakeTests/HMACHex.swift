import Crypto
import Foundation

/// Signatures as senders make them.
enum HMACHex {
    /// The HMAC-SHA-256 of a body in lower-case hex.
    static func sign(_ body: [UInt8], secret: String) -> String {
        HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
            .map { String(format: "%02x", $0) }.joined()
    }
}
