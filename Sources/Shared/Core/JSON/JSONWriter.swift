/// Appends JSON to bytes; commas come by themselves, correct nesting is up to the caller.
///
/// The output holds no line break and no white space of its own, so one document is one line.
public struct JSONWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Creates an empty writer that has room for this many bytes before it must grow.
    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Begins an object; end it with ``endObject()``.
    public mutating func beginObject() {
        open(UInt8(ascii: "{"))
    }

    /// Ends the innermost object.
    public mutating func endObject() {
        close(UInt8(ascii: "}"))
    }

    /// Begins an array; end it with ``endArray()``.
    public mutating func beginArray() {
        open(UInt8(ascii: "["))
    }

    /// Ends the innermost array.
    public mutating func endArray() {
        close(UInt8(ascii: "]"))
    }

    /// Writes an object whose members the closure writes.
    public mutating func object<E: Error>(_ members: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginObject()
        try members(&self)
        endObject()
    }

    /// Writes an array whose elements the closure writes.
    public mutating func array<E: Error>(_ elements: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginArray()
        try elements(&self)
        endArray()
    }

    /// Writes a key; its value must follow.
    public mutating func key(_ key: some StringProtocol) {
        append(string: key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes text as a string.
    public mutating func append(string: some StringProtocol) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        let copied: Void? = string.utf8.withContiguousStorageIfAvailable { escape($0) }
        if copied == nil { escape(string.utf8) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes text as a string, or null.
    public mutating func append(string: String?) {
        guard let string else { return appendNull() }
        append(string: string[...])
    }

    /// Writes a whole number.
    public mutating func append(int: some BinaryInteger) {
        append(raw: String(int).utf8)
    }

    /// Writes `true` or `false`.
    public mutating func append(bool: Bool) {
        append(raw: (bool ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func appendNull() {
        append(raw: "null".utf8)
    }

    /// Writes bytes that are a JSON value already; they are not checked.
    public mutating func append(raw: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: raw)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Escapes what RFC 8259 section 7 says must be escaped: quote, `\` and U+0000 to U+001F.
    private mutating func escape(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0x0D: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case 0x09: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: Array("\\u00".utf8))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
    }
}
