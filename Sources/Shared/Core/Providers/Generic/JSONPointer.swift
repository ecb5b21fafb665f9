/// A JSON Pointer (RFC 6901), such as `/resource/purchase_units/0/amount/value`.
public struct JSONPointer: Hashable, Sendable {
    /// The unescaped reference tokens; none for the whole document.
    public let tokens: [String]

    /// Reads a pointer; nil when it is neither empty nor starts with `/`, or has a `~` that escapes nothing.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// The value to which the pointer points; `missing` when there is none.
    ///
    /// O(size of the containers passed).
    public func value(in root: JSONValue) -> JSONValue {
        var value = root
        for token in tokens {
            switch value.kind {
            case .object:
                value = value[token]
            case .array:
                guard let index = Self.index(token) else { return .missing }
                value = value[index]
            default:
                return .missing
            }
        }
        return value
    }

    /// The pointer as a path of ``FieldPolicy``, in which every index stands for all elements.
    ///
    /// Nil when a key holds a character that such a path gives a meaning to.
    var policyPath: String? {
        var path = ""
        for token in tokens {
            if Self.index(token) != nil {
                path += "[]"
            } else if token.isEmpty || token.contains(where: { ".[]*".contains($0) }) {
                return nil
            } else {
                path += path.isEmpty ? token : "." + token
            }
        }
        return path.isEmpty ? nil : path
    }

    /// An array index of RFC 6901: digits without a leading zero.
    private static func index(_ token: String) -> Int? {
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard token == "0" || !token.hasPrefix("0") else { return nil }
        return Int(token)
    }

    private static func unescaped(_ part: Substring) -> String? {
        var result = ""
        var rest = part
        while let character = rest.popFirst() {
            guard character == "~" else {
                result.append(character)
                continue
            }
            switch rest.popFirst() {
            case "0": result.append("~")
            case "1": result.append("/")
            default: return nil
            }
        }
        return result
    }
}
