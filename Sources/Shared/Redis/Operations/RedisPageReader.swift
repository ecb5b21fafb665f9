internal import Shared

/// Reads lists and sorted sets in pages that memory has room for: a job may hold a whole sealed body.
struct RedisPageReader {
    /// In which order elements come.
    enum Order: String {
        /// A list's, from its head on.
        case head
        /// A list's, from its tail on: what is taken at the head meanwhile shifts none of them.
        case tail
        /// A sorted set's, the highest score first.
        case score
    }

    /// A page.
    struct Page {
        /// Its elements.
        var elements: [[UInt8]]
        /// How many there were in all at that moment.
        var total: Int
    }

    let runner: RedisScriptRunner
    /// After how many bytes a page ends.
    let bytes: Int

    /// Reads a page, in one round trip.
    ///
    /// - Parameters:
    ///   - key: The list or the sorted set.
    ///   - order: Its order.
    ///   - offset: How many elements are passed over.
    ///   - limit: The most elements, at least 1.
    /// - Returns: The page; it holds no more than ``bytes``, unless one element alone is larger, and is empty
    ///   only where there is nothing more.
    /// - Throws: ``QueueError``.
    func read(_ key: String, _ order: Order, from offset: Int, limit: Int) throws(QueueError) -> Page {
        let reply = try runner.run(
            .page,
            keys: [key],
            arguments: [
                [UInt8](argument: order.rawValue), [UInt8](argument: offset), [UInt8](argument: limit),
                [UInt8](argument: bytes),
            ]
        )
        guard let parts = reply.elements, let total = parts.first?.integer else {
            throw QueueError(code: .unexpectedReply, message: "Redis answered a page in an unknown form.")
        }
        return Page(elements: parts.dropFirst().compactMap(\.bytes), total: Int(total))
    }
}
