internal import CHiredis

extension RedisReply {
    /// The deepest nesting that is copied; hiredis itself gives up at 7.
    private static let depthLimit = 8

    /// Copies a reply of the C library; the caller still owns, and frees, the original.
    init(copying reply: UnsafePointer<redisReply>, depth: Int = 0) {
        let value = reply.pointee
        switch value.type {
        case REDIS_REPLY_STRING:
            self = .string(Array(Self.bytes(of: value)))
        case REDIS_REPLY_STATUS:
            self = .status(String(decoding: Self.bytes(of: value), as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = .error(RedisErrorReply(Self.bytes(of: value)))
        case REDIS_REPLY_INTEGER:
            self = .integer(Int64(value.integer))
        case REDIS_REPLY_ARRAY where depth < Self.depthLimit:
            let elements = UnsafeBufferPointer(start: value.element, count: value.elements)
            self = .array(
                elements.map { element in
                    element.map { RedisReply(copying: $0, depth: depth + 1) } ?? .null
                }
            )
        default:
            self = .null
        }
    }

    private static func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len)
    }
}
