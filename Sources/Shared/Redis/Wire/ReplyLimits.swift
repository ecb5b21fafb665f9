internal import CHiredis

/// Bounds what hiredis allocates on behalf of a peer.
enum ReplyLimits {
    /// The most elements of one array.
    static let elements = 1 << 20

    /// The library's functions for reply objects, with a bound on arrays.
    ///
    /// hiredis 0.14 allocates whatever length the header of an array names, before any element has come; a
    /// peer that is no Redis could ask for gigabytes with twelve bytes.
    ///
    /// SAFETY: Written once before the first use, never freed, and only read afterwards.
    nonisolated(unsafe) static let functions: UnsafeMutablePointer<redisReplyObjectFunctions>? = {
        guard let reader = redisReaderCreate(), let defaults = reader.pointee.fn else { return nil }
        defer { redisReaderFree(reader) }
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: defaults.pointee)
        functions.pointee.createArray = { task, count in
            guard count <= ReplyLimits.elements else { return nil }
            return ReplyLimits.createArray?(task, count)
        }
        return functions
    }()

    /// The library's own function.
    private static let createArray = {
        let reader = redisReaderCreate()
        defer { redisReaderFree(reader) }
        return reader?.pointee.fn.pointee.createArray
    }()

    /// Puts the bounds in place of the library's defaults.
    static func apply(to reader: UnsafeMutablePointer<redisReader>) {
        if let functions { reader.pointee.fn = functions }
    }
}
