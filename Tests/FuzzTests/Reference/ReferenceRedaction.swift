@testable import Shared

/// What the redactor must write for a document, worked out on a tree of values.
///
/// It shares the rules for single texts with the engine, and nothing of the walk: paths are compared step by
/// step with each entry of the policy.
struct ReferenceRedaction {
    private(set) var bytes: [UInt8] = []
    private(set) var captured: [String?]
    private(set) var pseudonymisedCount = 0
    private(set) var droppedCount = 0
    private var customers: [Int: (order: Int, pseudonym: String)] = [:]

    private let document: [UInt8]
    private let pseudonymizer: Pseudonymizer
    private let scope: [UInt8]
    private let policy: FieldPolicy
    private let keep: [[String]]
    private let keepText: [[String]]
    private let identities: [(steps: [String], identity: FieldPolicy.Identity)]
    private let captures: [[String]]

    /// Redacts a document that the reference has read.
    init(
        _ node: ReferenceJSON.Node,
        of document: [UInt8],
        policy: FieldPolicy,
        pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) {
        self.document = document
        self.pseudonymizer = pseudonymizer
        self.scope = scope
        self.policy = policy
        keep = policy.keep.map(Self.steps)
        keepText = policy.keepText.map(Self.steps)
        identities = policy.pseudonymise.map { (Self.steps($0.path), $0.identity) }
        captures = policy.captures.map(Self.steps)
        captured = Array(repeating: nil, count: policy.captures.count)
        write(node, at: [], inArray: true)
    }

    /// The customer's pseudonym: of an e-mail address, else of a phone number, else of a customer id.
    var customer: String? { (0..<3).lazy.compactMap { customers[$0]?.pseudonym }.first }

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

    /// Keys of a document have a mark in front, so that none is taken for `[]` or `*`.
    private static func isMatch(_ pattern: some Collection<String>, _ path: [String]) -> Bool {
        pattern.count == path.count
            && zip(pattern, path).allSatisfy { step, place in
                step == "[]" ? place == "[]" : place != "[]" && (step == "*" || "." + step == place)
            }
    }

    private func names(_ key: String, at path: [String]) -> Bool {
        (keep + keepText + identities.map(\.steps) + captures).contains { pattern in
            pattern.count > path.count && pattern[path.count] == key && key != "*" && key != "[]"
                && Self.isMatch(pattern.prefix(path.count), path)
        }
    }

    /// Writes a value; returns false when it was dropped and nothing is to stand for it.
    @discardableResult
    private mutating func write(_ node: ReferenceJSON.Node, at path: [String], inArray: Bool) -> Bool {
        switch node.value {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element, at: path + ["[]"], inArray: true)
            }
            bytes.append(UInt8(ascii: "]"))
            return true
        case .object(let members):
            writeObject(members, at: path)
            return true
        default:
            guard let text = scalar(node, at: path) else {
                droppedCount += 1
                if inArray { bytes.append(contentsOf: Array("null".utf8)) }
                return inArray
            }
            bytes.append(contentsOf: text)
            return true
        }
    }

    private mutating func writeObject(_ members: [ReferenceJSON.Member], at path: [String]) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for member in members {
            let start = bytes.count
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            let name = String(decoding: member.key, as: UTF8.self)
            let staysKey =
                names(name, at: path) || member.key.withUnsafeBytes { TokenRules.isPlainKey($0) }
            bytes.append(contentsOf: staysKey ? document[member.rawKey] : Array("\"redacted-key\"".utf8)[...])
            bytes.append(UInt8(ascii: ":"))
            if write(member.node, at: path + ["." + name], inArray: false) {
                isFirst = false
            } else {
                bytes.removeSubrange(start...)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// What stands for a scalar; nil when it is dropped.
    private mutating func scalar(_ node: ReferenceJSON.Node, at path: [String]) -> [UInt8]? {
        let raw = Array(document[node.raw])
        if let entry = identity(at: path) { return pseudonymise(node, raw, entry) }
        let isText = keepText.contains { Self.isMatch($0, path) }
        if isText || keep.contains(where: { Self.isMatch($0, path) }) {
            return kept(node, raw, isText: isText, path)
        }
        switch node.value {
        case .string, .number: return nil
        default: return raw
        }
    }

    private mutating func kept(
        _ node: ReferenceJSON.Node,
        _ raw: [UInt8],
        isText: Bool,
        _ path: [String]
    ) -> [UInt8]? {
        guard case .string(let text) = node.value else {
            if case .number = node.value, isText, !raw.withUnsafeBytes({ TokenRules.isSmallNumber($0) }) {
                return nil
            }
            var isNull = false
            if case .null = node.value { isNull = true }
            capture(isNull ? nil : String(decoding: raw, as: UTF8.self), path)
            return raw
        }
        let name = path.last.flatMap { $0 == "[]" ? nil : $0.dropFirst() } ?? ""
        let isKept = text.withUnsafeBytes { text in
            isText
                ? ValueRules.redact(text) == nil
                : TokenRules.isToken(text)
                    || Array(name.utf8).withUnsafeBytes { KeptForm.allows(text, under: $0) }
        }
        if isKept {
            capture(String(decoding: text, as: UTF8.self), path)
            return raw
        }
        if isText {
            let redacted = text.withUnsafeBytes { ValueRules.redact($0) } ?? []
            capture(String(decoding: redacted, as: UTF8.self), path)
            var writer = JSONWriter()
            writer.append(string: String(decoding: redacted, as: UTF8.self))
            return writer.bytes
        }
        var sink = ByteSink()
        text.withUnsafeBytes { pseudonymizer.append(identifier: $0, scope: scope, to: &sink) }
        let pseudonym = sink.bytes
        pseudonymisedCount += 1
        capture(String(decoding: pseudonym, as: UTF8.self), path)
        return [0x22] + pseudonym + [0x22]
    }

    private mutating func capture(_ text: String?, _ path: [String]) {
        for (index, pattern) in captures.enumerated() where Self.isMatch(pattern, path) {
            captured[index] = text
        }
    }

    /// The strongest entry for a path: customer id before phone before e-mail, then the policy's order.
    private func identity(at path: [String]) -> (rank: Int, order: Int, identity: FieldPolicy.Identity)? {
        identities.enumerated()
            .filter { Self.isMatch($0.element.steps, path) }
            .map {
                (
                    [.email: 0, .phone: 1, .customerID: 2][$0.element.identity] ?? 0, $0.offset,
                    $0.element.identity
                )
            }
            .max { ($0.0, $1.1) < ($1.0, $0.1) }
    }

    private mutating func pseudonymise(
        _ node: ReferenceJSON.Node,
        _ raw: [UInt8],
        _ entry: (rank: Int, order: Int, identity: FieldPolicy.Identity)
    ) -> [UInt8] {
        let canonical: CanonicalIdentity
        switch node.value {
        case .string(let text): canonical = CanonicalIdentity(text, identity: entry.identity)
        case .number: canonical = CanonicalIdentity(raw, identity: entry.identity)
        default: return raw
        }
        guard !canonical.bytes.isEmpty else { return Array("null".utf8) }
        var sink = ByteSink()
        pseudonymizer.append(canonical, scope: scope, to: &sink)
        let pseudonym = sink.bytes
        pseudonymisedCount += 1
        if canonical.namesCustomer, entry.order < customers[entry.rank]?.order ?? .max {
            customers[entry.rank] = (entry.order, String(decoding: pseudonym, as: UTF8.self))
        }
        return [0x22] + pseudonym + [0x22]
    }
}
