import Shared
import TestSupport

/// Puts a secret of its own into every text, long number and key of a document.
///
/// Where the policy of the door keeps a field, the secret has the shape of something that the value rules
/// must find: an e-mail address, a phone, card or account number, an IP address. Numbers on kept paths stay,
/// for the policy keeps them whole. Everywhere else the secrets are plain words and numbers.
struct CanaryPlanter {
    /// How much of a document is replaced.
    enum Depth {
        /// What no policy keeps, and members beside it: the message stays one that the worker understands.
        case unlisted
        /// Every text.
        case everything
    }

    private(set) var canaries = CanarySet()
    private var keep: [[String]] = []
    private var keepText: [[String]] = []
    private var identities: [[String]] = []
    private var depth = Depth.unlisted

    /// The document with secrets in it.
    mutating func plant(into document: JSONValue, policy: FieldPolicy, _ depth: Depth) -> [UInt8] {
        keep = policy.keep.map(Self.steps)
        keepText = policy.keepText.map(Self.steps)
        identities = policy.pseudonymise.map { Self.steps($0.path) }
        self.depth = depth
        var writer = JSONWriter()
        write(document, at: [], to: &writer)
        return writer.bytes
    }

    /// A secret for a header, a query or a field.
    mutating func word() -> String { canaries.word() }

    /// A secret that a value rule must find.
    mutating func personal() -> String { canaries.personal() }

    private static func steps(_ path: String) -> [String] {
        path.split(separator: ".").flatMap { part -> [String] in
            var name = String(part)
            var elements: [String] = []
            while name.hasSuffix("[]") {
                name.removeLast(2)
                elements.append("[]")
            }
            return (name.isEmpty ? [] : [name]) + elements
        }
    }

    private static func matches(_ patterns: [[String]], _ path: [String]) -> Bool {
        patterns.contains { pattern in
            pattern.count == path.count
                && zip(pattern, path).allSatisfy { $0 == $1 || ($0 == "*" && $1 != "[]") }
        }
    }

    private mutating func write(_ value: JSONValue, at path: [String], to writer: inout JSONWriter) {
        switch value.kind {
        case .object:
            writer.beginObject()
            for member in value.members {
                writer.key(member.key)
                write(member.value, at: path + [member.key], to: &writer)
            }
            writer.key("unlisted_member")
            writer.append(string: word())
            writer.key("unlisted_number")
            writer.append(raw: canaries.number().utf8)
            writer.key(word() + "@example.com")
            writer.append(raw: "{\"\(canaries.personal())\":\"\(word())\"}".utf8)
            writer.endObject()
        case .array:
            writer.beginArray()
            for element in value.elements { write(element, at: path + ["[]"], to: &writer) }
            writer.endArray()
        case .string: writer.append(string: text(value.string ?? "", at: path))
        // An id is kept by the policy of some other topic, under which the same body is sent, too.
        case .number where !Self.matches(keep, path) && path.last != "id":
            writer.append(raw: canaries.number().utf8)
        default: writer.append(raw: value.rawBytes)
        }
    }

    private mutating func text(_ text: String, at path: [String]) -> String {
        if Self.matches(identities, path) { return canaries.word() + "@example.com" }
        if Self.matches(keepText, path) { return "\(text) \(canaries.personal()) é" }
        if Self.matches(keep, path) { return depth == .everything ? canaries.personal() : text }
        return "\(text) \(canaries.word())"
    }
}
