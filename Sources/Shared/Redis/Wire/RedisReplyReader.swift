internal import CHiredis
public import Shared

/// Reads replies from bytes as they arrive, for a connection that does its own input and output.
///
/// It belongs to one thread or one event loop. After an error it stays in error: drop it with its connection.
public final class RedisReplyReader {
    /// The first error; nil while all is well.
    public private(set) var failure: QueueError?
    private let reader: UnsafeMutablePointer<redisReader>
    private let maximumBufferedBytes: Int

    /// Creates a reader.
    ///
    /// - Parameter maximumBufferedBytes: The most bytes of replies that are not complete yet.
    public init(maximumBufferedBytes: Int = 64 << 20) {
        guard let reader = redisReaderCreate() else {
            preconditionFailure("No memory for a reply reader.")
        }
        ReplyLimits.apply(to: reader)
        self.reader = reader
        self.maximumBufferedBytes = maximumBufferedBytes
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes bytes that have arrived; they are copied.
    ///
    /// - Parameter bytes: What has arrived, of any length.
    /// - Throws: ``QueueError`` with code `unexpectedReply` when too much has gathered without a complete
    ///   reply, or after an earlier error.
    public func feed(_ bytes: UnsafeRawBufferPointer) throws(QueueError) {
        if let failure { throw failure }
        guard !bytes.isEmpty else { return }
        let buffered = reader.pointee.len - reader.pointee.pos
        guard bytes.count <= maximumBufferedBytes - Int(buffered) else {
            throw fail("Redis sent more than \(maximumBufferedBytes) bytes without a complete reply.")
        }
        let code = redisReaderFeed(reader, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
        guard code == REDIS_OK else { throw fail("The reply reader is out of memory.") }
    }

    /// Takes bytes that have arrived; they are copied.
    ///
    /// - Parameter bytes: What has arrived, of any length.
    /// - Throws: ``QueueError`` as for a buffer.
    public func feed(_ bytes: [UInt8]) throws(QueueError) {
        // A typed throw does not pass through the closure's rethrows.
        let result = bytes.withUnsafeBytes { buffer -> QueueError? in
            do throws(QueueError) {
                try feed(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let result { throw result }
    }

    /// Returns the next complete reply, or nil when more bytes are needed.
    ///
    /// - Throws: ``QueueError`` with code `unexpectedReply` when the bytes are no reply of Redis.
    public func next() throws(QueueError) -> RedisReply? {
        if let failure { throw failure }
        var object: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &object) == REDIS_OK else {
            // The library's own text echoes the byte that it could not read.
            throw fail("What came back is no reply of Redis: check that GROWTH_REDIS_URL names a Redis.")
        }
        guard let object else { return nil }
        defer { freeReplyObject(object) }
        return RedisReply(copying: object.assumingMemoryBound(to: redisReply.self))
    }

    private func fail(_ message: String) -> QueueError {
        let error = QueueError(code: .unexpectedReply, message: message)
        failure = error
        return error
    }
}
