/// How the messages of one generic source become the canonical shape; the content of a mapping file.
///
/// The file is one JSON object: `fields` holds a JSON Pointer per canonical field, `constants` a fixed text
/// per canonical field, `values` a table of texts per canonical field (for types and status words), and
/// `items` the pointer `at` to the array of order lines with pointers `fields` relative to each line;
/// `signature` names the header with the source's own HMAC-SHA-256 of the body.
/// A text without an entry in its table stays as it is.
public struct GenericMapping: Hashable, Sendable {
    /// Pointers to canonical fields such as `order.total`.
    public let pointers: [String: JSONPointer]
    /// Fixed texts of canonical fields, for what the source never says, such as `order.currency`.
    public let constants: [String: String]
    /// Tables of texts, per canonical field.
    public let values: [String: [String: String]]
    /// The array of order lines; nil when the source lists none.
    public let items: JSONPointer?
    /// Pointers from an order line to the fields of a canonical item.
    public let itemPointers: [String: JSONPointer]

    /// Where the source signs its messages in a way of its own; nil when it does not.
    public let signature: GenericSignature?

    /// The fields of an event, each with the object in which it lies.
    static let fields: [(group: String, names: [String])] = [
        ("", ["type", "id", "occurred_at", "test"]),
        (
            "order",
            [
                "id", "number", "currency", "placed_at", "updated_at", "cancelled_at", "status", "total",
                "discount", "shipping", "tax", "tip", "taxes_included",
            ]
        ),
        ("refund", ["id", "amount", "shipping", "tax", "tip", "currency", "processed_at"]),
        ("dispute", ["id", "amount", "fee", "currency", "opened_at", "closed_at"]),
        ("product", ["id", "variant_id", "sku", "title", "price", "currency", "cost", "updated_at"]),
        ("customer", ["id", "email", "phone"]),
    ]

    /// The fields of an order line.
    static let itemFields = ["sku", "product_id", "variant_id", "title", "quantity", "price"]

    /// Reads a mapping file.
    ///
    /// - Parameter file: The bytes of the file.
    /// - Throws: What is wrong with it, naming the field.
    public init(_ file: [UInt8]) throws(GenericMappingError) {
        guard let document = try? JSONDocument(file), document.root.kind == .object else {
            throw .notAnObject
        }
        let root = document.root
        try Self.refuseOthers(
            than: ["fields", "constants", "values", "items", "signature"],
            in: root,
            named: ""
        )
        let known = Set(Self.fields.flatMap { group, names in names.map { Self.path(group, $0) } })
        pointers = try Self.pointers(root["fields"], known: known)
        constants = try Self.texts(root["constants"], known: known, section: "constants")
        var values: [String: [String: String]] = [:]
        for (field, table) in root["values"].members {
            guard known.contains(field) else { throw .unknownField(field) }
            values[field] = try Self.texts(table, known: nil, section: "values." + field)
        }
        self.values = values
        signature = try GenericSignature(root["signature"])
        guard root["items"].exists else {
            items = nil
            itemPointers = [:]
            return
        }
        try Self.refuseOthers(than: ["at", "fields"], in: root["items"], named: "items.")
        guard let text = root["items"]["at"].string, let pointer = JSONPointer(text),
            pointer.tokens.isEmpty || pointer.policyPath != nil
        else {
            throw .invalidPointer("items.at")
        }
        items = pointer
        itemPointers = try Self.pointers(root["items"]["fields"], known: Set(Self.itemFields))
    }

    /// Whether it says where a message states what an order costs.
    var pointsToAmounts: Bool {
        itemPointers["price"] != nil || pointers["order.total"] != nil
    }

    static func path(_ group: String, _ name: String) -> String {
        group.isEmpty ? name : group + "." + name
    }

    /// Refuses a member that means nothing: who wrote it believes that it changes how amounts are read.
    private static func refuseOthers(
        than known: Set<String>,
        in object: JSONValue,
        named prefix: String
    ) throws(GenericMappingError) {
        for (member, value) in object.members {
            guard known.contains(member) else { throw .unknownMember(prefix + member) }
            guard member == "at" || value.kind == .object else { throw .notASection(prefix + member) }
        }
    }

    private static func pointers(
        _ object: JSONValue,
        known: Set<String>
    ) throws(GenericMappingError) -> [String: JSONPointer] {
        var result: [String: JSONPointer] = [:]
        for (field, value) in object.members {
            guard known.contains(field) else { throw .unknownField(field) }
            guard let text = value.string, let pointer = JSONPointer(text), pointer.policyPath != nil else {
                throw .invalidPointer(field)
            }
            result[field] = pointer
        }
        return result
    }

    private static func texts(
        _ object: JSONValue,
        known: Set<String>?,
        section: String
    ) throws(GenericMappingError) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in object.members {
            if let known, !known.contains(key) { throw .unknownField(key) }
            guard let text = value.string else { throw .notText(section + "." + key) }
            result[key] = text
        }
        return result
    }
}

/// Why a mapping file cannot be used.
public enum GenericMappingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not one JSON object.
    case notAnObject
    /// A mapping file has no such member.
    case unknownMember(String)
    /// The member holds something else than an object.
    case notASection(String)
    /// The canonical shape has no such field.
    case unknownField(String)
    /// The field's pointer is no JSON Pointer to a key that an allow-list can name.
    case invalidPointer(String)
    /// A member of `signature` is not what it has to be.
    case invalidSignature(String)
    /// The field's constant or table entry is not text.
    case notText(String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notAnObject: "A mapping file must be one JSON object; check its syntax."
        case .unknownMember(let member):
            "A mapping file has no member \(member): only fields, constants, values, signature and items "
                + "with at and fields; remove or rename it."
        case .notASection(let member): "The member \(member) must be an object."
        case .unknownField(let field): "The canonical event has no field \(field); remove or rename it."
        case .invalidPointer(let field):
            "The pointer of \(field) must be text such as /order/id, without . [ ] * in its keys."
        case .invalidSignature(let member):
            "signature.\(member) is wrong: it takes a header's name, an encoding (hex or base64), "
                + "and the prefix, if any, that stands before the code."
        case .notText(let field): "The value of \(field) must be text; put it in quotes."
        }
    }
}
