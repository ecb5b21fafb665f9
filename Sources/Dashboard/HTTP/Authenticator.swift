import Crypto
import Foundation
import Shared

/// Decides from a request's headers whether the caller may look.
///
/// A session is `<expiry in seconds>.<HMAC-SHA-256 of it under the token>`: nothing is stored, and a new
/// token ends every session.
struct Authenticator: Sendable {
    /// Name of the session cookie.
    static let cookieName = "growth_session"
    /// How long a session lasts: 7 days.
    static let sessionSeconds: Int64 = 7 * 86_400

    private let token: SymmetricKey?

    /// Whether callers must show a token.
    var hasToken: Bool { token != nil }

    init(token: Secret?) {
        self.token = token.map { SymmetricKey(data: $0.bytes) }
    }

    /// Judges the `Authorization` header and the value of the session cookie.
    func access(authorization: String?, session: String?, at now: Timestamp) -> Access {
        guard token != nil else { return .open }
        if let authorization, let presented = Self.bearerToken(in: authorization), accepts(token: presented) {
            return .bearer
        }
        if let session, accepts(session: session, at: now) { return .cookie }
        return .none
    }

    /// Whether this is the token.
    ///
    /// Takes the same time wherever the first difference lies.
    func accepts(token presented: String) -> Bool {
        guard let token else { return true }
        // Two MACs under one key are equal exactly when the texts are, and comparing MACs is constant-time.
        let expected = token.withUnsafeBytes { HMAC<SHA256>.authenticationCode(for: Data($0), using: token) }
        return HMAC<SHA256>.isValidAuthenticationCode(
            expected,
            authenticating: Data(presented.utf8),
            using: token
        )
    }

    /// Returns the value of a new session cookie.
    func newSession(at now: Timestamp) -> String {
        let expiry = String(now.milliseconds / 1000 + Self.sessionSeconds)
        return "\(expiry).\(code(of: expiry).map(Self.hex).joined())"
    }

    private func accepts(session: String, at now: Timestamp) -> Bool {
        let parts = session.split(separator: ".", omittingEmptySubsequences: false)
        guard let token, parts.count == 2, let expiry = Int64(parts[0]), expiry > now.milliseconds / 1000,
            let code = Self.bytes(hex: parts[1])
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code,
            authenticating: Self.signed(String(parts[0])),
            using: token
        )
    }

    private func code(of expiry: String) -> [UInt8] {
        guard let token else { return [] }
        return Array(HMAC<SHA256>.authenticationCode(for: Self.signed(expiry), using: token))
    }

    /// The prefix keeps a session's MAC apart from every other use of the token.
    private static func signed(_ expiry: String) -> Data {
        Data("growth-dashboard-session:\(expiry)".utf8)
    }

    private static func bearerToken(in header: String) -> String? {
        guard header.utf8.count > 7, header.prefix(7).lowercased() == "bearer " else { return nil }
        return String(header.dropFirst(7))
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "0\(digits)" : digits
    }

    private static func bytes(hex text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
            else {
                return nil
            }
            result.append(byte)
        }
        return result
    }
}
