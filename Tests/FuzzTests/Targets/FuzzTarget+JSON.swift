@testable import Shared

extension FuzzTarget {
    /// The scanner against ``ReferenceJSON``: the same verdict, the same values, and a document written from
    /// them reads as the same values again.
    static let json = FuzzTarget(
        name: "json",
        seeds: { FuzzSeeds.json + (try FuzzSeeds.documents()) },
        words: FuzzWords.json,
        run: { try fuzzJSON($0) }
    )
}

/// Reads the bytes with the scanner and with the reference.
func fuzzJSON(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    let expected = Result { () throws(ReferenceJSON.Failure) in try ReferenceJSON.parse(bytes) }
    let actual = Result { () throws(JSONError) in try JSONDocument(bytes) }
    switch (expected, actual) {
    case (.success(let node), .success(let document)):
        try compare(node, document.root, bytes)
        try writeAgain(document.root, bytes)
        return 0
    case (.failure(let reason), .failure(let error)):
        try require((0...bytes.count).contains(error.offset), "\(error) lies outside of \(bytes.count) bytes")
        let isLimit = error.code == .tooDeep || error.code == .numberTooLong
        try require(isLimit == (reason == .limit), "\(error) although the reference says \(reason)")
        return 1 + error.code.rawValue.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
    case (.success, .failure(let error)):
        throw Finding("The scanner refuses what is JSON: \(error)")
    case (.failure(let reason), .success):
        throw Finding("The scanner accepts what is no JSON: \(reason)")
    }
}

private func compare(_ node: ReferenceJSON.Node, _ value: JSONValue, _ bytes: [UInt8]) throws {
    try require(value.rawBytes == Array(bytes[node.raw]), "raw bytes differ at \(node.raw)")
    switch node.value {
    case .null: try require(value.kind == .null && !value.exists, "null at \(node.raw)")
    case .bool(let flag): try require(value.bool == flag, "bool at \(node.raw)")
    case .number:
        let text = String(decoding: bytes[node.raw], as: UTF8.self)
        try require(value.kind == .number && value.text == text, "number at \(node.raw)")
        try require(value.int64 == Int64(text), "integer at \(node.raw)")
    case .string(let text):
        try require(value.kind == .string, "string at \(node.raw)")
        try require(value.string.map { Array($0.utf8) } == text, "text at \(node.raw)")
    case .array(let nodes):
        let elements = value.elements
        try require(value.kind == .array && elements.count == nodes.count, "array at \(node.raw)")
        for (node, element) in zip(nodes, elements) { try compare(node, element, bytes) }
        if let last = nodes.indices.last {
            try require(value[last].rawBytes == elements[last].rawBytes, "element of \(node.raw)")
        }
        try require(value[nodes.count].kind == .missing, "element behind \(node.raw)")
    case .object(let nodes):
        let members = value.members
        try require(value.kind == .object && members.count == nodes.count, "object at \(node.raw)")
        for (node, member) in zip(nodes, members) {
            try require(Array(member.key.utf8) == node.key, "key at \(node.rawKey)")
            try compare(node.node, member.value, bytes)
        }
        // Larger objects are looked up by hash; half of them from their end, where duplicates win.
        for node in nodes.prefix(16) + nodes.dropFirst(16).suffix(16) {
            let last = nodes.last { $0.key == node.key }
            let found = value[String(decoding: node.key, as: UTF8.self)]
            try require(found.rawBytes == last.map { Array(bytes[$0.node.raw]) }, "member \(node.rawKey)")
        }
    }
}

/// Writes a value with the writer and reads it back.
private func writeAgain(_ value: JSONValue, _ bytes: [UInt8]) throws {
    var writer = JSONWriter()
    write(value, to: &writer)
    try require(!writer.bytes.contains(0x0A), "the writer broke the line")
    let again = try JSONDocument(writer.bytes)
    var second = JSONWriter()
    write(again.root, to: &second)
    try require(writer.bytes == second.bytes, "writing twice gives two documents")
}

private func write(_ value: JSONValue, to writer: inout JSONWriter) {
    switch value.kind {
    case .array:
        writer.array { writer in
            for element in value.elements { write(element, to: &writer) }
        }
    case .object:
        writer.object { writer in
            for member in value.members {
                writer.key(member.key)
                write(member.value, to: &writer)
            }
        }
    case .string: writer.append(string: value.string)
    default: writer.append(raw: value.rawBytes)
    }
}
