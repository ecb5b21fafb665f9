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
    /// The place of its word on the tape.
    let index: Int

    /// The absence of a value.
    public static let missing = JSONValue(document: nil, index: 0)

    init(document: JSONDocument?, index: Int) {
        self.document = document
        self.index = index
    }

    private var tokenKind: JSONToken.Kind? { document?.tape.kind(at: index) }

    /// What the value is.
    public var kind: Kind {
        switch tokenKind {
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
        guard let document, document.tape.kind(at: index) == .object else { return .missing }
        var key = key
        guard let place = key.withUTF8({ document.member($0, ofObjectAt: index) }) else { return .missing }
        return JSONValue(document: document, index: place)
    }

    /// Whether it is the empty string.
    public var isEmptyString: Bool {
        guard let document, document.tape.kind(at: index) == .string else { return false }
        return document.tape.content(at: index).isEmpty
    }

    /// The element at this index; `missing` when there is none or this is no array.
    ///
    /// O(index).
    public subscript(_ index: Int) -> JSONValue {
        guard let document, tokenKind == .array, index >= 0 else { return .missing }
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

    /// Returns a decimal number, or a text that holds one, in minor units.
    ///
    /// - Parameter exponent: Digits of the minor unit after the point, 0 to 18.
    /// - Returns: The number; nil for everything else.
    public func decimal(exponent: Int) -> DecimalAmount? {
        guard let document else { return nil }
        if let plain = document.withPlainBytes(at: index, { DecimalAmount(utf8: $0, exponent: exponent) }) {
            return plain
        }
        return text.flatMap { DecimalAmount($0, exponent: exponent) }
    }

    /// The keys that lead to this value from the one around it at this place, such as `set.amount`; empty
    /// where it is the same.
    ///
    /// O(number of words between them).
    func path(from root: Int) -> String {
        document?.path(from: root, to: index) ?? ""
    }

    /// A boolean; nil for everything else.
    public var bool: Bool? {
        switch tokenKind {
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
        guard let document, tokenKind == .array else { return [] }
        var elements: [JSONValue] = []
        document.tape.forEachElement(ofArrayAt: index) { place in
            elements.append(JSONValue(document: document, index: place))
        }
        return elements
    }

    /// The members of an object in document order, duplicates included; empty for everything else.
    public var members: [(key: String, value: JSONValue)] {
        guard let document, tokenKind == .object else { return [] }
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
        guard let document else { return [] }
        let token = document.tape.token(at: index)
        return Array(document.bytes[token.start..<token.end])
    }
}
