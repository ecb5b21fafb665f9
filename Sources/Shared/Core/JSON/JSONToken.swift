/// A key, a scalar, or the bracket that begins a container, as it stands in the document.
struct JSONToken {
    enum Kind: UInt8 {
        case null
        case `true`
        case `false`
        case number
        case string
        /// A string with at least one `\`, whose bytes are not its text.
        case escapedString
        case array
        case object
    }

    var kind: Kind
    /// The index of the first byte; of a string, its opening quote.
    var start: Int
    /// The index after the last byte; of a string, after its closing quote.
    var end: Int

    /// The bytes of a string between its quotes.
    var content: Range<Int> { start + 1..<end - 1 }
}
