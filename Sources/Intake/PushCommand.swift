import NIOCore
import Shared
import SharedRedis

/// The RPUSH that takes the envelopes of one source to its queue, written as they come.
///
/// Each envelope is copied once, into the buffer that the socket is written from. How many there will be is
/// said in front of them, so room for that is left there. What was written at once is let go of at once, and
/// its memory serves the next command.
struct PushCommand {
    /// Room for `*`, 19 digits and a line end.
    private static let room = 24
    /// The most memory that is kept for the next command.
    private static let keptBytesMax = 2 << 20

    /// Who waits for the answer, and how much was appended.
    private(set) var batch: PushBatch

    private let start: [UInt8]
    private var buffer = ByteBuffer()

    init(source: SourceID) {
        batch = PushBatch(source: source)
        var writer = RedisCommandWriter()
        writer.append(argument: "RPUSH")
        writer.append(argument: RedisKeys.queue(source))
        start = [UInt8](repeating: 0, count: Self.room) + writer.bytes
    }

    /// Whose envelopes they are.
    var source: SourceID { batch.source }

    /// Whether nothing was appended since it was taken.
    var isEmpty: Bool { batch.waiters.isEmpty }

    /// Adds an envelope.
    mutating func append(_ envelope: [UInt8], waiter: any PushWaiter) {
        if isEmpty {
            buffer.clear()
            buffer.writeBytes(start)
        }
        buffer.writeInteger(UInt8(ascii: "$"))
        buffer.writeString(String(envelope.count))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(envelope)
        buffer.writeStaticString("\r\n")
        batch.waiters.append(waiter)
        batch.byteCount += envelope.count
    }

    /// Drops the command and begins another; returns who waited for it.
    mutating func drop() -> PushBatch {
        let dropped = batch
        batch = PushBatch(source: dropped.source)
        batch.waiters.reserveCapacity(dropped.waiters.count)
        return dropped
    }

    /// Ends the command, to which something was appended, and begins another.
    mutating func take() -> (command: ByteBuffer, batch: PushBatch) {
        let taken = drop()
        let count = "*\(taken.waiters.count + 2)\r\n"
        buffer.moveReaderIndex(to: Self.room - count.utf8.count)
        buffer.setString(count, at: buffer.readerIndex)
        let command = buffer
        if buffer.capacity > Self.keptBytesMax { buffer = ByteBuffer() }
        return (command, taken)
    }
}
