/// How large a document may be.
public struct JSONLimits: Hashable, Sendable {
    /// 128 levels, numbers of 1,024 bytes.
    public static let `default` = JSONLimits()
}

/// Why bytes are no JSON document.
public struct JSONError: Error, Hashable, Sendable {}

/// A validated JSON document whose values are decoded only when asked for.
public final class JSONDocument: Sendable {
    /// Validates the bytes as one RFC 8259 document.
    public init(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {}
    /// The document's value.
    public var root: JSONValue { fatalError() }
}

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
    /// What the value is.
    public var kind: Kind { fatalError() }
    /// Whether it is there and not null.
    public var exists: Bool { fatalError() }
    /// The member with this key (of duplicates, the last); `missing` when there is none or this is no object.
    public subscript(_ key: String) -> JSONValue { fatalError() }
    /// The element at this index; `missing` when there is none or this is no array. O(index).
    public subscript(_ index: Int) -> JSONValue { fatalError() }
    /// The decoded text of a string; nil for everything else.
    public var string: String? { fatalError() }
    /// The decoded text of a string, or a number exactly as it was written; nil for everything else.
    public var text: String? { fatalError() }
    /// A boolean; nil for everything else.
    public var bool: Bool? { fatalError() }
    /// A number without fraction and exponent that fits; nil for everything else.
    public var int64: Int64? { fatalError() }
    /// The elements of an array; empty for everything else.
    public var elements: [JSONValue] { fatalError() }
    /// The members of an object in document order, duplicates included; empty for everything else.
    public var members: [(key: String, value: JSONValue)] { fatalError() }
    /// The bytes of the value as they stand in the document.
    public var rawBytes: [UInt8] { fatalError() }
}
