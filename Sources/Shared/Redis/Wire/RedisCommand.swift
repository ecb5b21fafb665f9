/// One command: its name and arguments, as bytes.
public struct RedisCommand: Hashable, Sendable {
    /// The name and the arguments.
    public var arguments: [[UInt8]]

    /// Creates a command from bytes.
    public init(arguments: [[UInt8]]) {
        self.arguments = arguments
    }

    /// Creates a command from words.
    public init(_ words: String...) {
        arguments = words.map { Array($0.utf8) }
    }

    /// Creates a command from words.
    public init(_ words: [String]) {
        arguments = words.map { Array($0.utf8) }
    }

    /// Adds arguments.
    public mutating func append(_ payloads: some Sequence<[UInt8]>) {
        arguments.append(contentsOf: payloads)
    }

    /// Adds one argument.
    public mutating func append(_ word: String) {
        arguments.append(Array(word.utf8))
    }
}
