/// How a generic source signs its messages: HMAC-SHA-256 of the raw body, in a header of its own.
///
/// The member `signature` of a mapping file: `{"header":"X-Shop-Signature","encoding":"hex","prefix":"v0="}`.
public struct GenericSignature: Hashable, Sendable {
    /// How the code is written.
    public enum Encoding: String, CaseIterable, Sendable {
        /// 64 hexadecimal digits.
        case hex
        /// RFC 4648 base64.
        case base64
    }

    /// The header's name in lower case.
    public let header: String
    /// How the code is written; nil for either.
    public let encoding: Encoding?
    /// What stands before the code; may be empty.
    public let prefix: String

    /// Reads the member of a mapping file; nil when it is not there.
    init?(_ object: JSONValue) throws(GenericMappingError) {
        guard object.exists else { return nil }
        for (member, _) in object.members where !["header", "encoding", "prefix"].contains(member) {
            throw .invalidSignature(member)
        }
        guard let name = object["header"].string, Self.isName(name) else { throw .invalidSignature("header") }
        header = name.lowercased()
        if object["encoding"].exists {
            guard let encoding = object["encoding"].string.flatMap({ Encoding(rawValue: $0) }) else {
                throw .invalidSignature("encoding")
            }
            self.encoding = encoding
        } else {
            encoding = nil
        }
        if object["prefix"].exists {
            guard let prefix = object["prefix"].string, prefix.utf8.count <= 64 else {
                throw .invalidSignature("prefix")
            }
            self.prefix = prefix
        } else {
            prefix = ""
        }
    }

    /// Checks the header's text over the body.
    func verify(_ text: String, of request: WebhookRequest, secrets: [Secret]) -> SignatureVerdict {
        guard text.hasPrefix(prefix) else { return .failed(.malformed) }
        let code = String(text.dropFirst(prefix.count))
        return switch encoding {
        case .hex: HMACSignature.hex(code, of: request, secrets: secrets)
        case .base64: HMACSignature.base64(code, of: request, secrets: secrets)
        case nil: HMACSignature.hexOrBase64(code, of: request, secrets: secrets)
        }
    }

    /// Whether the text is a header's name (RFC 9110: a token) of at most 64 bytes.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
