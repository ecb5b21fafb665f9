/// One redaction: walks the policy's states beside the document and writes what is left.
struct RedactionPass: JSONVisitor, ~Copyable {
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

    /// A value that was pseudonymised last, and what became of it: an order names its buyer several times.
    private struct Remembered {
        var kind = JSONToken.Kind.null
        var content = 0..<0
        var place = 0..<0
        var namesCustomer = false
    }

    /// One of something for each kind of identity.
    private struct PerIdentity<Value> {
        var email, phone, customerID: Value

        init(repeating value: Value) {
            (email, phone, customerID) = (value, value, value)
        }

        subscript(identity: FieldPolicy.Identity) -> Value {
            get {
                switch identity {
                case .email: email
                case .phone: phone
                case .customerID: customerID
                }
            }
            set {
                switch identity {
                case .email: email = newValue
                case .phone: phone = newValue
                case .customerID: customerID = newValue
                }
            }
        }
    }

    private static let redactedKey: StaticString = "\"redacted-key\":"

    private let document: UnsafeRawBufferPointer
    private let base: UnsafeRawPointer
    private let table: PolicyTable
    private let pseudonymizer: Pseudonymizer
    private let scope: [UInt8]
    private var output: RedactionOutput
    /// The innermost container; around the root value, one whose only element it is.
    private var level = Level(state: PolicyTrie.root, isArray: true)
    private let outer: UnsafeMutablePointer<Level>
    private var depth = 0
    private var key = JSONToken(kind: .null, start: 0, end: 0)
    private var isNamed = false
    /// The state of the value that follows.
    private var state = PolicyTrie.root
    private var captured: [String?]
    private var customers = PerIdentity(repeating: Customer())
    private var remembered = PerIdentity(repeating: Remembered())
    private var pseudonymisedCount = 0
    private var droppedCount = 0

    /// Prepares the pass over a document whose containers are nested at most so deep.
    init(
        _ document: UnsafeRawBufferPointer,
        table: PolicyTable,
        captureCount: Int,
        depthLimit: Int,
        pseudonymizer: Pseudonymizer,
        scope: [UInt8]
    ) {
        self.document = document
        base = document.baseAddress ?? UnsafeRawPointer(Self.redactedKey.utf8Start)
        self.table = table
        self.pseudonymizer = pseudonymizer
        self.scope = scope
        output = RedactionOutput(document)
        outer = .allocate(capacity: depthLimit)
        captured = Array(repeating: nil, count: captureCount)
    }

    deinit {
        outer.deallocate()
    }

    /// Returns the result; the walk must have come to its end.
    mutating func finish() -> RedactedPayload {
        output.flush()
        let ranked = [customers.email, customers.phone, customers.customerID]
        let customer = ranked.first { $0.order < Int32.max }
        return RedactedPayload(
            bytes: output.sink.bytes,
            captured: captured,
            customer: customer.map { output.text(at: $0.place) },
            pseudonymisedCount: pseudonymisedCount,
            droppedCount: droppedCount
        )
    }

    @inline(__always)
    mutating func visit(key: JSONToken) {
        self.key = key
        guard key.kind == .string else { return visit(escapedKey: key) }
        (state, isNamed) = table.member(
            base + (key.start &+ 1),
            length: key.end &- key.start &- 2,
            of: level.state
        )
    }

    @inline(never)
    private mutating func visit(escapedKey key: JSONToken) {
        let name = plainText(key)
        (state, isNamed) = name.withUnsafeBytes { name in
            table.member(name.baseAddress ?? base, length: name.count, of: level.state)
        }
    }

    @inline(__always)
    mutating func begin(_ container: JSONToken) {
        enterValue()
        copy(container)
        outer[depth] = level
        depth &+= 1
        let isArray = container.kind == .array
        level = Level(state: isArray ? table.states[Int(state)].element : state, isArray: isArray)
    }

    @inline(__always)
    mutating func endContainer(_ end: Int) {
        output.copy(end &- 1, end)
        depth &-= 1
        level = outer[depth]
    }

    @inline(__always)
    mutating func visit(scalar: JSONToken) {
        enterValue()
        switch table.states[Int(state)].action {
        case .none: unlisted(scalar)
        case .keep: keep(scalar)
        case .keepText: keep(text: scalar)
        case .email: pseudonymise(scalar, .email)
        case .phone: pseudonymise(scalar, .phone)
        case .customerID: pseudonymise(scalar, .customerID)
        }
    }

    /// In an array the state of a value is that of all elements; in an object its key has set it.
    @inline(__always)
    private mutating func enterValue() {
        if level.isArray { state = level.state }
    }

    /// Writes what stands in front of a value: the comma and, in an object, the key.
    @inline(never)
    private mutating func separate(_ start: Int) {
        if !level.isEmpty { output.comma(before: level.isArray ? start : key.start) }
        level.isEmpty = false
        if level.isArray { return }
        guard isNamed || isPlainKey() else { return output.append(Self.redactedKey) }
        output.copy(key.start, key.end)
        if document[key.end] == UInt8(ascii: ":") {
            output.copy(key.end, key.end + 1)
        } else {
            output.append(UInt8(ascii: ":"))
        }
    }

    /// Whether a key that the policy does not name may stay.
    @inline(never)
    private func isPlainKey() -> Bool {
        key.kind == .string
            ? TokenRules.isPlainKey(bytes(key.content))
            : plainText(key).withUnsafeBytes { TokenRules.isPlainKey($0) }
    }

    /// Writes a value as it is, with its comma and key; mostly they continue what was copied last.
    @inline(__always)
    private mutating func copy(_ value: JSONToken) {
        let start: Int
        if level.isArray {
            start = value.start
        } else if key.end &+ 1 == value.start, isNamed || isPlainKey() {
            start = key.start
        } else {
            separate(value.start)
            return output.copy(value.start, value.end)
        }
        if level.isEmpty {
            level.isEmpty = false
            output.copy(start, value.end)
        } else if !output.copyBehindComma(start, value.end) {
            output.comma(before: start)
            output.copy(start, value.end)
        }
    }

    @inline(__always)
    private mutating func unlisted(_ scalar: JSONToken) {
        switch scalar.kind {
        // A short number too may be a birth date, a postcode or a customer's id.
        case .string, .escapedString, .number: drop(scalar)
        default: copy(scalar)
        }
    }

    @inline(__always)
    private mutating func drop(_ scalar: JSONToken) {
        droppedCount &+= 1
        if level.isArray {
            separate(scalar.start)
            output.append("null")
        }
    }

    @inline(__always)
    private mutating func keep(_ scalar: JSONToken) {
        switch scalar.kind {
        case .string where TokenRules.isToken(bytes(scalar.content)): copy(scalar)
        case .string: return keep(scalar, bytes(scalar.content), isText: false)
        case .escapedString: return plainText(scalar).withUnsafeBytes { keep(scalar, $0, isText: false) }
        default: copy(scalar)
        }
        capture(scalar)
    }

    @inline(never)
    private mutating func keep(text scalar: JSONToken) {
        switch scalar.kind {
        case .string: keep(scalar, bytes(scalar.content), isText: true)
        case .escapedString: plainText(scalar).withUnsafeBytes { keep(scalar, $0, isText: true) }
        case .number where !TokenRules.isSmallNumber(bytes(scalar.start..<scalar.end)): drop(scalar)
        default:
            copy(scalar)
            capture(scalar)
        }
    }

    @inline(never)
    private mutating func keep(_ scalar: JSONToken, _ text: UnsafeRawBufferPointer, isText: Bool) {
        if !isText, TokenRules.isToken(text) || allows(text) {
            copy(scalar)
            return capture(scalar)
        }
        if isText {
            guard let redacted = ValueRules.redact(text) else {
                copy(scalar)
                return capture(scalar)
            }
            separate(scalar.start)
            output.append(string: redacted)
            return capture(text: String(decoding: redacted, as: UTF8.self))
        }
        separate(scalar.start)
        // A field that tells things apart, such as an id: one word for all of them would make two orders one.
        let place = output.append(identifier: text, by: pseudonymizer, scope: scope)
        pseudonymisedCount += 1
        capture(text: output.text(at: place))
    }

    /// Whether text that is no token has one of the other forms of a kept string.
    private func allows(_ text: UnsafeRawBufferPointer) -> Bool {
        // The last key may belong to an element before this one.
        let name = level.isArray ? [] : plainText(key)
        return name.withUnsafeBytes { KeptForm.allows(text, under: $0) }
    }

    @inline(never)
    private mutating func pseudonymise(_ scalar: JSONToken, _ identity: FieldPolicy.Identity) {
        let content: Range<Int>
        switch scalar.kind {
        case .string, .escapedString: content = scalar.content
        case .number: content = scalar.start..<scalar.end
        default: return copy(scalar)
        }
        if remembered[identity].kind == scalar.kind, isEqual(remembered[identity].content, content) {
            separate(scalar.start)
            remembered[identity].place = output.append(again: remembered[identity].place)
        } else {
            let text = scalar.kind == .escapedString ? plainText(scalar) : Array(bytes(content))
            let canonical = CanonicalIdentity(text, identity: identity)
            separate(scalar.start)
            guard !canonical.bytes.isEmpty else { return output.append("null") }
            remembered[identity] = Remembered(
                kind: scalar.kind,
                content: content,
                place: output.append(canonical, by: pseudonymizer, scope: scope),
                namesCustomer: canonical.namesCustomer
            )
        }
        pseudonymisedCount += 1
        let order = table.states[Int(state)].order
        if remembered[identity].namesCustomer, order < customers[identity].order {
            customers[identity] = Customer(order: order, place: remembered[identity].place)
        }
    }

    private func isEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.count == other.count && bytes(one).elementsEqual(bytes(other))
    }
}

extension RedactionPass {
    @inline(__always)
    private mutating func capture(_ scalar: JSONToken) {
        if table.states[Int(state)].captureCount > 0 { captureKept(scalar) }
    }

    @inline(never)
    private mutating func captureKept(_ scalar: JSONToken) {
        switch scalar.kind {
        case .null, .array, .object: capture(text: nil)
        case .string, .escapedString: capture(text: JSONText.decode(scalar, in: document))
        case .number, .true, .false:
            capture(text: String(decoding: document[scalar.start..<scalar.end], as: UTF8.self))
        }
    }

    private mutating func capture(text: String?) {
        let place = table.states[Int(state)]
        for index in 0..<Int(place.captureCount) {
            captured[table.captures[Int(place.firstCapture) + index]] = text
        }
    }

    @inline(__always)
    private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
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
