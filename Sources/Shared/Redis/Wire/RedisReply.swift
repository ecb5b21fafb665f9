/// One reply of Redis, copied out of the C library's memory.
public enum RedisReply: Hashable, Sendable {
    /// A bulk string.
    case string([UInt8])
    /// A status such as `OK`.
    case status(String)
    /// An error reply.
    case error(RedisErrorReply)
    /// An integer.
    case integer(Int64)
    /// No value.
    case null
    /// An array.
    case array([RedisReply])

    /// The bytes of a bulk string, or nil.
    public var bytes: [UInt8]? {
        guard case .string(let bytes) = self else { return nil }
        return bytes
    }

    /// The text of a bulk string or of a status, or nil; bytes that are no UTF-8 are replaced.
    public var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The value of an integer, or of a string that holds one; nil otherwise.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .string, .status: text.flatMap { Int64($0) }
        default: nil
        }
    }

    /// The elements of an array, or nil.
    public var elements: [RedisReply]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The fields of a flat array of names and values, as `HGETALL` answers; nil for anything else.
    public var fields: [String: String]? {
        guard let elements, elements.count.isMultiple(of: 2) else { return nil }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: elements.count, by: 2) {
            guard let name = elements[index].text, let value = elements[index + 1].text else { return nil }
            fields[name] = value
        }
        return fields
    }
}
