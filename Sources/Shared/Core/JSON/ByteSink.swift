/// Bytes that grow at their end.
///
/// Unlike an array it hands out room that nobody has written to yet, so that a document is copied in runs and
/// nothing is filled with zeros first. It has one owner and belongs to one thread.
struct ByteSink: ~Copyable {
    /// How many bytes were written.
    private(set) var count = 0
    private var start: UnsafeMutableRawPointer
    private var capacity: Int

    /// Creates an empty sink with room for this many bytes.
    init(capacity: Int = 1_024) {
        self.capacity = max(capacity, 64)
        start = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit {
        start.deallocate()
    }

    /// Calls with what was written; the pointer must not leave the call.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// What was written, copied.
    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: start, count: count)) }

    /// Appends one byte.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    /// Appends bytes.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (start + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Appends text of the program itself.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes that were written before.
    mutating func append(again place: Range<Int>) {
        precondition(place.upperBound <= count, "Only what was written can be written again.")
        reserve(place.count)
        end.copyMemory(from: start + place.lowerBound, byteCount: place.count)
        count &+= place.count
    }

    /// Makes room for this many bytes behind what was written.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    /// The place behind what was written; valid until the next call that may grow.
    @inline(__always)
    var end: UnsafeMutableRawPointer { start + count }

    /// Counts bytes that were written to ``end``, of which ``reserve(_:)`` made room for at least as many.
    @inline(__always)
    mutating func advance(_ written: Int) {
        assert(count + written <= capacity, "More was written than there was room for.")
        count &+= written
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        fresh.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = fresh
        capacity = larger
    }
}
