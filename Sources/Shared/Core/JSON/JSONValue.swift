/// A value of a document, or the absence of one.
public struct JSONValue: Sendable {
    /// What a value is; `missing` stands for an absent member or element.
    public enum Kind: Hashable, Sendable {
        case missing
        case null
        case bool
        case number
        case string
        case array
        case object
    }

    private let document: JSONDocument?
    private let index: Int

    /// The absence of a value.
    public static let missing = JSONValue(document: nil, index: 0)

    init(document: JSONDocument?, index: Int) {
        self.document = document
        self.index = index
    }

    private var token: JSONToken? { document?.tape.token(at: index) }

    /// What the value is.
    public var kind: Kind {
        switch token?.kind {
        case nil: .missing
        case .null: .null
        case .true, .false: .bool
        case .number: .number
        case .string, .escapedString: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Whether it is there and not null.
    public var exists: Bool { kind != .missing && kind != .null }

    /// The member with this key (of duplicates, the last); `missing` when there is none or this is no object.
    ///
    /// O(number of members). Keys are compared after their escapes are taken out.
    public subscript(_ key: String) -> JSONValue {
        guard let document, token?.kind == .object else { return .missing }
        var key = key
        guard let place = key.withUTF8({ document.member($0, ofObjectAt: index) }) else { return .missing }
        return JSONValue(document: document, index: place)
    }

    /// Whether it is the empty string.
    public var isEmptyString: Bool {
        guard let token, token.kind == .string else { return false }
        return token.content.isEmpty
    }

    /// The element at this index; `missing` when there is none or this is no array.
    ///
    /// O(index).
    public subscript(_ index: Int) -> JSONValue {
        guard let document, token?.kind == .array, index >= 0 else { return .missing }
        let end = document.tape.next(after: self.index)
        var place = self.index + 2
        var rest = index
        while place < end {
            if rest == 0 { return JSONValue(document: document, index: place) }
            rest -= 1
            place = document.tape.next(after: place)
        }
        return .missing
    }

    /// The decoded text of a string; nil for everything else.
    public var string: String? {
        kind == .string ? document?.decodedText(at: index) : nil
    }

    /// The decoded text of a string, or a number exactly as it was written; nil for everything else.
    public var text: String? {
        kind == .number ? String(decoding: rawBytes, as: UTF8.self) : string
    }

    /// A boolean; nil for everything else.
    public var bool: Bool? {
        switch token?.kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// A number without fraction and exponent that fits; nil for everything else.
    public var int64: Int64? {
        kind == .number ? text.flatMap { Int64($0) } : nil
    }

    /// The elements of an array; empty for everything else.
    public var elements: [JSONValue] {
        guard let document, token?.kind == .array else { return [] }
        let end = document.tape.next(after: index)
        var elements: [JSONValue] = []
        var place = index + 2
        while place < end {
            elements.append(JSONValue(document: document, index: place))
            place = document.tape.next(after: place)
        }
        return elements
    }

    /// The members of an object in document order, duplicates included; empty for everything else.
    public var members: [(key: String, value: JSONValue)] {
        guard let document, token?.kind == .object else { return [] }
        var members: [(key: String, value: JSONValue)] = []
        document.tape.forEachKey(ofObjectAt: index) { place, _, _ in
            members.append(
                (document.decodedText(at: place), JSONValue(document: document, index: place + 1))
            )
        }
        return members
    }

    /// The bytes of the value as they stand in the document; empty when it is missing.
    public var rawBytes: [UInt8] {
        guard let document, let token else { return [] }
        return Array(document.bytes[token.start..<token.end])
    }
}
