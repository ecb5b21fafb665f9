import NIOCore

/// Sizes the buffer into which a connection is read, so that a usual request comes with one read.
///
/// It grows with the first read that fills it, and shrinks only after many that would have fitted the step
/// below: a size that follows every read would alternate, and read each second request in two pieces.
struct SteppedReceiveAllocator: RecvByteBufferAllocator {
    private static let steps = [2 << 10, 16 << 10, 64 << 10]
    /// How many reads in a row have to be small.
    private static let patience = 64

    private var step = 0
    private var smallReads = 0

    private var size: Int { Self.steps[step] }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: size)
    }

    func nextBufferSize() -> Int? { size }

    mutating func record(actualReadBytes: Int) -> Bool {
        if actualReadBytes >= size {
            smallReads = 0
            guard step + 1 < Self.steps.count else { return false }
            step += 1
            return true
        }
        let fitsBelow = step > 0 && actualReadBytes < Self.steps[step - 1]
        smallReads = fitsBelow ? smallReads + 1 : 0
        if smallReads == Self.patience {
            smallReads = 0
            step -= 1
        }
        return false
    }
}
