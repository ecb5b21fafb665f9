/// A path of a document that its policy does not list, as a report may show it.
///
/// It holds keys alone, and of these only what the policy names or what is made of words that names of fields
/// are made of: array indexes are folded to `[]`, every other key is `*`.
public struct UnlistedPath: Hashable, Sendable {
    /// What the redactor does with a value at such a path.
    public enum Kind: String, Sendable, CaseIterable {
        /// A string, dropped.
        case droppedText = "dropped-text"
        /// A number, dropped.
        case droppedNumber = "dropped-number"
        /// `true` or `false`, kept.
        case keptFlag = "kept-flag"
    }

    /// The keys from the root, such as `order.notes[].text`; at most ``maximumLength`` bytes.
    public let path: String
    /// What becomes of the value.
    public let kind: Kind

    /// Creates a path out of text that is free of data already.
    public init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }

    /// The longest path in bytes; what lies deeper is told as `**`.
    public static let maximumLength = 160

    /// Returns the unlisted paths of a request's document with how many values each has.
    ///
    /// A second walk over the raw document, for samples: O(n). It looks at `limit` different paths at most.
    ///
    /// - Parameters:
    ///   - request: The request; nothing of its values is kept.
    ///   - receiver: The adapter behind its door.
    ///   - limit: The most different paths.
    ///   - limits: The limits within which documents are read.
    /// - Returns: The version of the policy and the paths; nil when there is no document to walk.
    public static func survey(
        _ request: WebhookRequest,
        receiver: any WebhookReceiving,
        limit: Int = 256,
        limits: JSONLimits = .default
    ) -> (policy: Int, paths: [UnlistedPath: Int])? {
        let policy = receiver.policy(for: request)
        do {
            let paths =
                switch try receiver.document(of: request) {
                case .body: try survey(request.body, policy: policy, limit: limit, limits: limits)
                case .carried(let bytes):
                    try bytes.withUnsafeBytes { document throws(JSONError) in
                        try survey(document, policy: policy, limit: limit, limits: limits)
                    }
                }
            return (policy.version, paths)
        } catch {
            return nil
        }
    }

    /// Returns the unlisted paths of a document with how many values each has.
    ///
    /// Throws ``JSONError`` when the bytes are not JSON or exceed the limits.
    static func survey(
        _ document: UnsafeRawBufferPointer,
        policy: FieldPolicy,
        limit: Int = 256,
        limits: JSONLimits = .default
    ) throws(JSONError) -> [UnlistedPath: Int] {
        var walk = UnlistedPathWalk(document, policy: policy, limit: limit)
        try JSONWalk.run(document, limits: limits, visitor: &walk)
        return walk.found
    }
}

/// Walks the policy's states beside a document, as the redactor does, and notes the paths on no list.
private struct UnlistedPathWalk: JSONVisitor {
    private struct Level {
        /// The state of the object, or of each element of the array.
        var state: Int32
        var isArray: Bool
        /// How much of the path leads to the container.
        var length: Int
    }

    private(set) var found: [UnlistedPath: Int] = [:]
    private let document: UnsafeRawBufferPointer
    private let trie: PolicyTrie
    private let limit: Int
    private var path: [UInt8] = []
    private var level = Level(state: PolicyTrie.root, isArray: true, length: 0)
    private var outer: [Level] = []
    private var state = PolicyTrie.root

    init(_ document: UnsafeRawBufferPointer, policy: FieldPolicy, limit: Int) {
        self.document = document
        trie = policy.trie
        self.limit = limit
    }

    mutating func visit(key: JSONToken) {
        path.removeSubrange(level.length...)
        if key.kind == .escapedString {
            var plain: [UInt8] = []
            JSONText.unescape(bytes(key.content), into: &plain)
            plain.withUnsafeBytes { enter($0) }
        } else {
            enter(bytes(key.content))
        }
    }

    private mutating func enter(_ key: UnsafeRawBufferPointer) {
        let (state, isNamed) = trie.member(key, of: level.state)
        self.state = state
        if !path.isEmpty { append(CollectionOfOne(UInt8(ascii: "."))) }
        if isNamed || FieldWords.make(key) { append(key) } else { append("*".utf8) }
    }

    /// Adds to the path, which once it is too long says so and grows no further.
    private mutating func append(_ part: some Collection<UInt8>) {
        guard path.count <= UnlistedPath.maximumLength - 3, !path.ends(with: "**") else { return endPath() }
        guard path.count + part.count <= UnlistedPath.maximumLength - 3 else { return endPath() }
        path.append(contentsOf: part)
    }

    private mutating func endPath() {
        if !path.ends(with: "**") { path.append(contentsOf: "**".utf8) }
    }

    mutating func begin(_ container: JSONToken) {
        let isArray = container.kind == .array
        enterValue()
        if isArray { append("[]".utf8) }
        outer.append(level)
        let inner = isArray ? trie.states[Int(state)].element : state
        level = Level(state: inner, isArray: isArray, length: path.count)
    }

    mutating func endContainer(_ end: Int) {
        level = outer.removeLast()
    }

    mutating func visit(scalar: JSONToken) {
        enterValue()
        guard trie.states[Int(state)].action == .none, let kind = kind(of: scalar) else { return }
        let entry = UnlistedPath(path: String(decoding: path, as: UTF8.self), kind: kind)
        guard found[entry] != nil || found.count < limit else { return }
        found[entry, default: 0] += 1
    }

    /// In an array the state and the path of a value are those of all elements; in an object its key has set
    /// them.
    private mutating func enterValue() {
        guard level.isArray else { return }
        state = level.state
        path.removeSubrange(level.length...)
    }

    private func kind(of scalar: JSONToken) -> UnlistedPath.Kind? {
        switch scalar.kind {
        case .string, .escapedString: .droppedText
        case .number: .droppedNumber
        case .true, .false: .keptFlag
        case .null, .array, .object: nil
        }
    }

    private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: document[range])
    }
}

extension [UInt8] {
    fileprivate func ends(with text: StaticString) -> Bool {
        text.withUTF8Buffer { suffix($0.count).elementsEqual($0) }
    }
}
