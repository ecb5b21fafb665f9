import Crypto
import Foundation
import Shared

/// A weak entity tag: two answers with the same tag say the same.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// Creates the tag of a report: it changes with the figures, the alerts, the local date and the question.
    init(versions: ReportVersions, today: BusinessDate, question: String) {
        description = "W/\"\(versions.data).\(versions.alerts).\(today).\(Self.hash(Array(question.utf8)))\""
    }

    /// Creates the tag of a file.
    init(content: [UInt8]) {
        description = "W/\"\(Self.hash(content))\""
    }

    /// Whether an `If-None-Match` header names the tag (weak comparison, RFC 9110 section 13.1.2).
    func matches(_ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let candidate = part.drop { $0 == " " }.prefix { $0 != " " }
            return candidate == "*" || candidate == description || "W/\(candidate)" == description
        }
    }

    /// The first 8 bytes of the SHA-256, in hexadecimal digits.
    static func hash(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
