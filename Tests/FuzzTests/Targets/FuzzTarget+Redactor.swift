@testable import Shared

extension FuzzTarget {
    /// The redactor against ``ReferenceRedaction``, byte for byte; what it leaves is JSON, is stable, and
    /// holds nothing that was planted where the policy keeps nothing.
    static let redactor = FuzzTarget(
        name: "redactor",
        seeds: { FuzzSeeds.redaction + (try FuzzSeeds.documents()) },
        words: FuzzWords.json + FuzzWords.personal + FuzzWords.policyKeys,
        run: { try fuzzRedactor($0) }
    )
}

/// What the redactor target works with.
enum RedactorUnderFuzz {
    /// Entries of every sort; some overlap, some stand behind `*` or an array in an array.
    static let policy = FieldPolicy(
        version: 1,
        keep: [
            "id", "a.*.amount", "[].id", "n[]", "line_items[].price", "status", "*.kind", "m[][]", "title",
            "created_at", "customer.orders_count", "sku", "gateway",
        ],
        keepText: ["title", "[].title", "line_items[].title", "*.note"],
        pseudonymise: [
            ("email", .email), ("customer.email", .email), ("phone", .phone), ("*.phone", .phone),
            ("customer.id", .customerID), ("customer.customer_phone_number", .phone), ("a.b.amount", .email),
            ("people[].mail", .email),
        ],
        captures: ["id", "title", "created_at", "[].id", "a.*.amount", "email"]
    )

    /// The same without pseudonyms, which are new ones each time.
    static let stable = FieldPolicy(
        version: 1,
        keep: policy.keep,
        keepText: policy.keepText,
        pseudonymise: []
    )

    static let source = SourceID(literal: "fuzz")
    static let account = "own.example"

    static let keyRing: PseudonymKeyRing = {
        let text = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f active\n"
        do {
            return try PseudonymKeyRing(text: text)
        } catch {
            preconditionFailure("The key ring of the fuzz targets is none: \(error)")
        }
    }()
    static let redactor = Redactor(keyRing: keyRing)
    static let pseudonymizer = Pseudonymizer(key: keyRing.activeKey)
}

/// Redacts the bytes as they are, then with secrets planted in them.
func fuzzRedactor(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    let parsed = Result { () throws(ReferenceJSON.Failure) in try ReferenceJSON.parse(bytes) }
    let result = Result { () throws(JSONError) in try redact(bytes) }
    guard case .success(let node) = parsed, case .success(let payload) = result else {
        guard case .failure = parsed, case .failure = result else {
            throw Finding("Redactor and reference disagree on whether this is JSON: \(result)")
        }
        return 0
    }
    try compare(payload, node, bytes)
    try checkTexts(payload.bytes)
    let once = try redact(bytes, RedactorUnderFuzz.stable)
    let twice = try redact(once.bytes, RedactorUnderFuzz.stable)
    try require(twice.bytes == once.bytes, "redacting twice changes what was left")
    try require(
        twice.droppedCount == 0 && twice.pseudonymisedCount == 0,
        "redacting twice takes something out"
    )
    try plant(in: node, of: bytes)
    return 1 + min(payload.droppedCount, 3) + 4 * min(payload.pseudonymisedCount, 7)
        + (payload.customer == nil ? 0 : 32) + (payload.captured.contains { $0 != nil } ? 64 : 0)
}

private func redact(
    _ bytes: [UInt8],
    _ policy: FieldPolicy = RedactorUnderFuzz.policy
) throws(JSONError) -> RedactedPayload {
    try RedactorUnderFuzz.redactor.redact(
        bytes,
        policy: policy,
        source: RedactorUnderFuzz.source,
        account: RedactorUnderFuzz.account
    )
}

private func compare(_ payload: RedactedPayload, _ node: ReferenceJSON.Node, _ bytes: [UInt8]) throws {
    let expected = ReferenceRedaction(
        node,
        of: bytes,
        policy: RedactorUnderFuzz.policy,
        pseudonymizer: RedactorUnderFuzz.pseudonymizer,
        scope: Pseudonymizer.scope(source: RedactorUnderFuzz.source, account: RedactorUnderFuzz.account)
    )
    try require(
        payload.bytes == expected.bytes,
        """
        the redactor wrote \(String(decoding: payload.bytes, as: UTF8.self)), \
        the reference \(String(decoding: expected.bytes, as: UTF8.self))
        """
    )
    try require(payload.captured == expected.captured, "captures differ")
    try require(payload.customer == expected.customer, "the customers differ")
    try require(payload.droppedCount == expected.droppedCount, "the counts of dropped values differ")
    try require(
        payload.pseudonymisedCount == expected.pseudonymisedCount,
        "the counts of pseudonymised values differ"
    )
}

/// No text that is left may hold what anybody would call an e-mail address.
private func checkTexts(_ bytes: [UInt8]) throws {
    let node = try ReferenceJSON.parse(bytes)
    func check(_ text: [UInt8]) throws {
        for index in text.indices.dropFirst().dropLast() where text[index] == UInt8(ascii: "@") {
            let isLetter = { (byte: UInt8) in (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 }
            try require(
                !isLetter(text[index - 1]) || !isLetter(text[index + 1]),
                "an e-mail address is left"
            )
        }
    }
    func walk(_ node: ReferenceJSON.Node) throws {
        switch node.value {
        case .string(let text): try check(text)
        case .array(let elements): for element in elements { try walk(element) }
        case .object(let members):
            for member in members {
                try check(member.key)
                try walk(member.node)
            }
        default: break
        }
    }
    try walk(node)
}

/// Puts secrets in the place of all texts, long numbers and keys that are data, and looks for them.
private func plant(in node: ReferenceJSON.Node, of bytes: [UInt8]) throws {
    var planter = SecretPlanter(bytes)
    planter.write(node)
    // A policy that names nothing keeps nothing.
    let payload = try redact(planter.bytes, SecretPlanter.policy)
    try require(
        String(decoding: payload.bytes, as: UTF8.self).firstRange(of: "zq") == nil
            && String(decoding: payload.bytes, as: UTF8.self).firstRange(of: "77777777") == nil,
        "a planted secret is left"
    )
    try require(payload.customer == nil && payload.pseudonymisedCount == 0, "somebody was named")
    try require(
        payload.droppedCount == planter.scalars,
        "\(planter.scalars) secrets, \(payload.droppedCount) dropped"
    )
}

/// Writes a document anew, with a secret for every text and number.
private struct SecretPlanter {
    static let policy = FieldPolicy(version: 1, keep: ["nothing_has_this_name"], pseudonymise: [])
    private let document: [UInt8]
    private(set) var bytes: [UInt8] = []
    private(set) var scalars = 0

    init(_ document: [UInt8]) {
        self.document = document
    }

    mutating func write(_ node: ReferenceJSON.Node) {
        switch node.value {
        case .null, .bool: bytes.append(contentsOf: document[node.raw])
        case .number:
            scalars += 1
            bytes.append(contentsOf: Array("777777770\(scalars)".utf8))
        case .string:
            scalars += 1
            bytes.append(contentsOf: Array("\"zq\(scalars)\"".utf8))
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(contentsOf: Array("\"zq \(member.key.count)\":".utf8))
                write(member.node)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}
