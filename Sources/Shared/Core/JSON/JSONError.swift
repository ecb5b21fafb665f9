/// Why bytes are no JSON document, and where; never what they hold.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Hashable, Sendable {
        /// There is nothing but white space.
        case empty = "empty"
        /// The document begins with a byte order mark, which RFC 8259 forbids to send.
        case byteOrderMark = "byte-order-mark"
        /// A byte stands where the grammar allows none like it.
        case unexpectedByte = "unexpected-byte"
        /// The document ends too early.
        case unexpectedEnd = "unexpected-end"
        /// Something follows the document's value.
        case trailingBytes = "trailing-bytes"
        /// A string holds a control character that is not escaped.
        case controlCharacter = "control-character"
        /// A string holds a `\` that begins no escape.
        case invalidEscape = "invalid-escape"
        /// A string is not UTF-8.
        case invalidUTF8 = "invalid-utf-8"
        /// A number does not follow the grammar.
        case invalidNumber = "invalid-number"
        /// A number is longer than the limit.
        case numberTooLong = "number-too-long"
        /// Arrays and objects are nested deeper than the limit.
        case tooDeep = "too-deep"
        /// The document has more than 2^30 - 1 bytes.
        case tooLarge = "too-large"
    }

    /// What is wrong.
    public let code: Code
    /// The index of the byte at which it was found.
    public let offset: Int

    /// Creates an error.
    public init(_ code: Code, offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// The code and the offset.
    public var description: String { "no JSON document: \(code.rawValue) at byte \(offset)" }
}
