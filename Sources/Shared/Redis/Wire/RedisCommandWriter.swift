/// Writes commands in Redis' wire form into one buffer, to be sent at once.
///
/// The caller states how many arguments come before they are known to be there, so that payloads are copied
/// once, from where they are to where they are sent from.
public struct RedisCommandWriter: Sendable {
    /// The commands written since the last ``removeAll()``.
    public private(set) var bytes: [UInt8] = []

    /// Creates an empty writer.
    public init() {}

    /// Begins a command of `argumentCount` arguments, its name among them.
    public mutating func begin(argumentCount: Int) {
        appendHeader(UInt8(ascii: "*"), argumentCount)
    }

    /// Adds an argument.
    public mutating func append(argument: some Collection<UInt8>) {
        appendHeader(UInt8(ascii: "$"), argument.count)
        bytes.append(contentsOf: argument)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    /// Adds an argument.
    public mutating func append(argument: String) {
        append(argument: argument.utf8)
    }

    /// Adds a whole command.
    public mutating func append(_ command: RedisCommand) {
        begin(argumentCount: command.arguments.count)
        for argument in command.arguments { append(argument: argument) }
    }

    /// Empties the buffer; keeps its memory unless that has grown above a mebibyte.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    }

    private mutating func appendHeader(_ mark: UInt8, _ count: Int) {
        bytes.append(mark)
        bytes.append(contentsOf: String(count).utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }
}
