/// A value of a webhook together with its path, so that a rejection can name the field.
///
/// Absent, null and empty text are one thing to every reader here: providers use all three for "not stated".
struct Field: Sendable {
    /// The value; may be missing.
    let value: JSONValue
    /// The path of the value around it, and its own name there: joined only where somebody asks for the path.
    private let parent: String
    private let name: String

    /// Creates the root of a document.
    init(_ root: JSONValue) {
        self.init(value: root, parent: "", name: "")
    }

    private init(value: JSONValue, parent: String, name: String) {
        self.value = value
        self.parent = parent
        self.name = name
    }

    /// The path from the root, such as `order.items[0].price`; empty at the root.
    var path: String {
        parent.isEmpty ? name : parent + "." + name
    }

    /// The member with this key.
    subscript(_ key: String) -> Field {
        Field(value: value[key], parent: path, name: key)
    }

    /// The elements of an array; empty for everything else.
    var elements: [Field] {
        let elements = value.elements
        guard !elements.isEmpty else { return [] }
        let path = path
        return elements.enumerated().map { index, element in
            Field(value: element, parent: "", name: "\(path)[\(index)]")
        }
    }

    /// Whether it is there, not null, and not an empty text.
    var exists: Bool {
        value.exists && !value.isEmptyString
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
    var word: String? { text?.lowercased() }

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
