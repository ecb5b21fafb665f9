/// The fields of a form: `application/x-www-form-urlencoded` or `multipart/form-data`.
///
/// Linear in the size of the body; of fields with one name the last wins, as in PHP, for which these forms
/// were made.
struct FormBody {
    /// The most fields that a form may have.
    static let maximumFields = 64
    /// The longest name of a field, in bytes.
    static let maximumNameLength = 256

    /// The fields in the order in which their names first came.
    private(set) var fields: [(name: String, value: [UInt8])] = []

    /// Reads a body; nil when it has more fields than allowed or is no form of the stated type.
    ///
    /// Without a usable content type the body itself tells: multipart begins with `--`.
    init?(_ body: UnsafeRawBufferPointer, contentType: String?) {
        let type = contentType ?? ""
        if type.utf8.count > 1_024 { return nil }
        if type.lowercased().hasPrefix("multipart/") {
            guard let boundary = MultipartParser.boundary(in: type) else { return nil }
            guard readMultipart(body, boundary: boundary) else { return nil }
        } else if body.starts(with: "--".utf8), let boundary = MultipartParser.sniffBoundary(of: body) {
            guard readMultipart(body, boundary: boundary) else { return nil }
        } else {
            guard readPairs(body) else { return nil }
        }
    }

    /// The bytes of the field with this name, or nil.
    subscript(_ name: String) -> [UInt8]? {
        fields.first { $0.name == name }?.value
    }

    /// The form as a JSON object with string members; what is no UTF-8 is repaired.
    func json() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            for field in fields {
                writer.key(field.name)
                writer.append(string: String(decoding: field.value, as: UTF8.self)[...])
            }
        }
        return writer.bytes
    }

    /// Keeps a field; returns false when that is one too many.
    private mutating func keep(name: [UInt8], value: [UInt8]) -> Bool {
        guard !name.isEmpty else { return true }
        guard name.count <= Self.maximumNameLength else { return false }
        let name = String(decoding: name, as: UTF8.self)
        if let index = fields.firstIndex(where: { $0.name == name }) {
            fields[index].value = value
            return true
        }
        guard fields.count < Self.maximumFields else { return false }
        fields.append((name, value))
        return true
    }

    private mutating func readPairs(_ body: UnsafeRawBufferPointer) -> Bool {
        // What is beyond the bound stays one piece: a body of separators alone costs nothing.
        let pairsMax = 4 * Self.maximumFields
        let pairs = body.split(separator: UInt8(ascii: "&"), maxSplits: pairsMax)
        guard pairs.count <= pairsMax else { return false }
        for pair in pairs {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = pair[equals...].dropFirst()
            guard keep(name: Self.percentDecoded(pair[..<equals]), value: Self.percentDecoded(value))
            else { return false }
        }
        return true
    }

    private mutating func readMultipart(_ body: UnsafeRawBufferPointer, boundary: [UInt8]) -> Bool {
        var parser = MultipartParser(body: body, boundary: boundary)
        var parts = 0
        while let part = parser.next() {
            parts += 1
            guard parts <= 4 * Self.maximumFields, keep(name: part.name, value: part.value) else {
                return false
            }
        }
        return parser.isComplete
    }

    /// Bytes with `+` as a space and `%hh` as the byte; a `%` without two digits behind it stands for itself.
    static func percentDecoded(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 1 < text.endIndex, let high = JSONText.hexValue(text[index]),
                    let low = JSONText.hexValue(text[index + 1])
                else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(high << 4 | low)
                index += 2
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
