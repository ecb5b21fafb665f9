/// One redaction: walks the policy's states beside the document and writes what is left.
struct RedactionPass: JSONVisitor {
    private struct Level {
        /// The state of the object, or of each element of the array.
        var state: Int32
        var isArray: Bool
        var isEmpty = true
    }

    private struct Customer {
        var order = Int32.max
        var place = 0..<0
    }

    private static let redactedKey: StaticString = "\"redacted-key\":"

    private let document: UnsafeRawBufferPointer
    private let trie: PolicyTrie
    private let pseudonymizer: Pseudonymizer
    private let scope: [UInt8]
    private var output: RedactionOutput
    /// The innermost container; around the root value, one whose only element it is.
    private var level: Level
    private var outer: ContiguousArray<Level> = []
    private var key = JSONToken(kind: .null, start: 0, end: 0)
    private var keepsKey = false
    /// The state of the value that follows.
    private var state = PolicyTrie.root
    private var captured: [String?]
    private var customers = [Customer](repeating: Customer(), count: 3)
    private var pseudonymisedCount = 0
    private var droppedCount = 0

    init(
        _ document: UnsafeRawBufferPointer,
        policy: FieldPolicy,
        pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) {
        self.document = document
        self.pseudonymizer = pseudonymizer
        self.scope = scope
        trie = policy.trie
        level = Level(state: PolicyTrie.root, isArray: true)
        output = RedactionOutput(document)
        captured = Array(repeating: nil, count: policy.captures.count)
    }

    /// Returns the result; the walk must have come to its end.
    consuming func finish() -> RedactedPayload {
        output.flush()
        let customer = customers.first { $0.order < Int32.max }
        return RedactedPayload(
            bytes: output.bytes,
            captured: captured,
            customer: customer.map { String(decoding: output.bytes[$0.place], as: UTF8.self) },
            pseudonymisedCount: pseudonymisedCount,
            droppedCount: droppedCount
        )
    }

    @inline(__always)
    mutating func visit(key: JSONToken) {
        self.key = key
        if key.kind == .escapedString {
            plainText(key).withUnsafeBytes { lookUp($0) }
        } else {
            lookUp(bytes(key.content))
        }
    }

    private mutating func lookUp(_ name: UnsafeRawBufferPointer) {
        let (state, isNamed) = trie.member(name, of: level.state)
        self.state = state
        keepsKey = isNamed || TokenRules.isPlainKey(name)
    }

    @inline(__always)
    mutating func begin(_ container: JSONToken) {
        enterValue()
        separate(container.start)
        output.copy(container.start, container.end)
        outer.append(level)
        let isArray = container.kind == .array
        level = Level(state: isArray ? trie.states[Int(state)].element : state, isArray: isArray)
    }

    @inline(__always)
    mutating func endContainer(_ end: Int) {
        output.copy(end - 1, end)
        level = outer.removeLast()
    }

    @inline(__always)
    mutating func visit(scalar: JSONToken) {
        enterValue()
        switch trie.states[Int(state)].action {
        case .none: unlisted(scalar)
        case .keep: keep(scalar, isText: false)
        case .keepText: keep(scalar, isText: true)
        case .email: pseudonymise(scalar, .email, rank: 0)
        case .phone: pseudonymise(scalar, .phone, rank: 1)
        case .customerID: pseudonymise(scalar, .customerID, rank: 2)
        }
    }

    /// In an array the state of a value is that of all elements; in an object its key has set it.
    @inline(__always)
    private mutating func enterValue() {
        if level.isArray { state = level.state }
    }

    /// Writes what stands in front of a value: the comma and, in an object, the key.
    @inline(__always)
    private mutating func separate(_ start: Int) {
        if !level.isEmpty { output.comma(before: level.isArray ? start : key.start) }
        level.isEmpty = false
        if level.isArray { return }
        guard keepsKey else { return output.append(Self.redactedKey) }
        output.copy(key.start, key.end)
        if document[key.end] == UInt8(ascii: ":") {
            output.copy(key.end, key.end + 1)
        } else {
            output.append(UInt8(ascii: ":"))
        }
    }

    @inline(__always)
    private mutating func copy(_ scalar: JSONToken) {
        separate(scalar.start)
        output.copy(scalar.start, scalar.end)
    }

    private mutating func unlisted(_ scalar: JSONToken) {
        switch scalar.kind {
        case .number where !TokenRules.isSmallNumber(bytes(scalar.start..<scalar.end)), .string,
            .escapedString:
            drop(scalar)
        default:
            copy(scalar)
        }
    }

    private mutating func drop(_ scalar: JSONToken) {
        droppedCount += 1
        if level.isArray {
            separate(scalar.start)
            output.append("null")
        }
    }

    @inline(__always)
    private mutating func keep(_ scalar: JSONToken, isText: Bool) {
        switch scalar.kind {
        case .string: keep(scalar, bytes(scalar.content), isText: isText)
        case .escapedString: plainText(scalar).withUnsafeBytes { keep(scalar, $0, isText: isText) }
        case .number where isText && !TokenRules.isSmallNumber(bytes(scalar.start..<scalar.end)): drop(scalar)
        default:
            copy(scalar)
            capture(scalar)
        }
    }

    @inline(__always)
    private mutating func keep(_ scalar: JSONToken, _ text: UnsafeRawBufferPointer, isText: Bool) {
        if !isText, TokenRules.isToken(text) {
            copy(scalar)
            return capture(scalar)
        }
        guard let redacted = ValueRules.redact(text) else {
            copy(scalar)
            return capture(scalar)
        }
        separate(scalar.start)
        if isText {
            output.append(string: redacted)
            return capture { String(decoding: redacted, as: UTF8.self) }
        }
        // A field that tells things apart, such as an id: one word for all of them would make two orders one.
        let place = output.append(identifier: text, by: pseudonymizer, scope: scope)
        pseudonymisedCount += 1
        capture { [bytes = output.bytes] in String(decoding: bytes[place], as: UTF8.self) }
    }

    private mutating func pseudonymise(
        _ scalar: JSONToken,
        _ identity: FieldPolicy.Identity,
        rank: Int
    ) {
        let canonical: CanonicalIdentity
        switch scalar.kind {
        case .string: canonical = CanonicalIdentity(Array(bytes(scalar.content)), identity: identity)
        case .escapedString: canonical = CanonicalIdentity(plainText(scalar), identity: identity)
        case .number:
            canonical = CanonicalIdentity(Array(bytes(scalar.start..<scalar.end)), identity: identity)
        default: return copy(scalar)
        }
        separate(scalar.start)
        guard !canonical.bytes.isEmpty else { return output.append("null") }
        let place = output.append(canonical, by: pseudonymizer, scope: scope)
        pseudonymisedCount += 1
        let order = trie.states[Int(state)].order
        if canonical.namesCustomer, order < customers[rank].order {
            customers[rank] = Customer(order: order, place: place)
        }
    }
}

extension RedactionPass {
    private mutating func capture(_ scalar: JSONToken) {
        if trie.states[Int(state)].captureCount == 0 { return }
        switch scalar.kind {
        case .null, .array, .object: capture { nil }
        case .string, .escapedString: capture { [document] in JSONText.decode(scalar, in: document) }
        case .number, .true, .false:
            capture { [document] in String(decoding: document[scalar.start..<scalar.end], as: UTF8.self) }
        }
    }

    private mutating func capture(_ text: () -> String?) {
        let place = trie.states[Int(state)]
        if place.captureCount == 0 { return }
        let text = text()
        for index in 0..<Int(place.captureCount) {
            captured[trie.captures[Int(place.firstCapture) + index]] = text
        }
    }

    @inline(__always)
    private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: document[range])
    }

    /// The text of a string in UTF-8, without escapes.
    private func plainText(_ token: JSONToken) -> [UInt8] {
        var plain: [UInt8] = []
        JSONText.unescape(bytes(token.content), into: &plain)
        return plain
    }
}

/// What is left of a document after redaction.
///
/// Only ``Redactor`` makes one: the initializer is visible to its pass alone.
public struct RedactedPayload: Sendable {
    /// The redacted document, JSON without white space between its words.
    public let bytes: [UInt8]
    /// The texts of the policy's captures, in their order; nil where absent or not kept.
    public let captured: [String?]
    /// The customer's pseudonym `h1:<key id>:<hex>`; nil when the document names no customer.
    public let customer: String?
    /// How many values were pseudonymised.
    public let pseudonymisedCount: Int
    /// How many strings and numbers were dropped.
    public let droppedCount: Int

    fileprivate init(
        bytes: [UInt8],
        captured: [String?],
        customer: String?,
        pseudonymisedCount: Int,
        droppedCount: Int
    ) {
        self.bytes = bytes
        self.captured = captured
        self.customer = customer
        self.pseudonymisedCount = pseudonymisedCount
        self.droppedCount = droppedCount
    }
}
