/// A value of a webhook together with its path, so that a rejection can name the field.
///
/// Absent, null and empty text are one thing to every reader here: providers use all three for "not stated".
struct Field: Sendable {
    /// The value, or the nearest one around it where it is missing.
    private let nearest: JSONValue
    /// What is missing of its path from there; nil where nothing is.
    private let missing: String?
    /// The element of an array, or the root, in which it lies.
    private let origin: Origin

    /// Where a path begins: an element knows its own, so that nobody has to count up to it.
    private struct Origin {
        /// The place of the value on the document's tape.
        var index: Int
        /// The path of the array; empty at the root.
        var array = ""
        /// Which element of it; nil at the root.
        var number: Int?

        var path: String { number.map { "\(array)[\($0)]" } ?? "" }
    }

    /// Creates the root of a document.
    init(_ root: JSONValue) {
        self.init(nearest: root, missing: nil, origin: Origin(index: root.index))
    }

    private init(nearest: JSONValue, missing: String?, origin: Origin) {
        self.nearest = nearest
        self.missing = missing
        self.origin = origin
    }

    /// The value; may be missing.
    var value: JSONValue { missing == nil ? nearest : .missing }

    /// The path from the root, such as `order.items[0].price`; empty at the root.
    ///
    /// It is put together only here, for somebody who asks: most fields have nothing to reject.
    var path: String {
        let parts = [origin.path, nearest.path(from: origin.index), missing ?? ""]
        return parts.filter { !$0.isEmpty }.joined(separator: ".")
    }

    /// The member with this key.
    subscript(_ key: String) -> Field {
        if let missing { return Field(nearest: nearest, missing: missing + "." + key, origin: origin) }
        let member = nearest[key]
        return member.kind == .missing
            ? Field(nearest: nearest, missing: key, origin: origin)
            : Field(nearest: member, missing: nil, origin: origin)
    }

    /// The elements of an array; empty for everything else.
    var elements: [Field] {
        let elements = value.elements
        guard !elements.isEmpty else { return [] }
        let path = path
        return elements.enumerated().map { number, element in
            let origin = Origin(index: element.index, array: path, number: number)
            return Field(nearest: element, missing: nil, origin: origin)
        }
    }

    /// Whether it is there, not null, and not an empty text.
    var exists: Bool {
        missing == nil && nearest.exists && !nearest.isEmptyString
    }

    /// Whether it is an object.
    var isObject: Bool { value.kind == .object }

    /// Whether it is an array.
    var isArray: Bool { value.kind == .array }

    /// Text, or a number exactly as it was written; nil when absent or empty.
    ///
    /// Ids are read with this: providers send the same id as a number in one topic and as text in another.
    var text: String? {
        guard let text = value.text, !text.isEmpty else { return nil }
        return text
    }

    /// The text in lower case, for status words.
    var word: String? {
        guard let text else { return nil }
        let isPlain = text.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) }
        return isPlain ? text : text.lowercased()
    }

    /// A boolean, in any of the forms that providers use (`true`, `"true"`, `1`, `"1"`); false when absent.
    var isTrue: Bool {
        if let flag = value.bool { return flag }
        return word == "true" || word == "1"
    }

    /// A boolean that says no, in any of the forms that providers use; false when absent.
    var isFalse: Bool {
        if let flag = value.bool { return !flag }
        return word == "false" || word == "0"
    }

    /// The first of these members that exists, else the first of them.
    func first(_ keys: String...) -> Field {
        for key in keys {
            let field = self[key]
            if field.exists { return field }
        }
        return self[keys.first ?? ""]
    }

    /// The text, or a rejection that names the path.
    func requiredText() throws(Rejection) -> String {
        guard let text else { throw Rejection(.missingField(path)) }
        return text
    }
}
