/// Keeps the bytes that a statement was given until it has run.
///
/// SQLite would copy each value to a place of its own, which it allocates and frees; here all values of a
/// statement lie in a row, in memory that the next statement uses again.
final class ValueArena {
    private static let chunkSize = 1 << 16
    /// Never empty, so that an empty value has an address, too: without one SQLite would bind null.
    private var chunks = [allocate(chunkSize)]
    /// The first free byte of the last chunk.
    private var end = 0

    /// Forgets all values; statements must not run with them any more.
    func removeAll() {
        // What one large value needed is not kept.
        while chunks.count > 1 { chunks.removeLast().deallocate() }
        end = 0
    }

    /// Copies bytes; returns where they lie until ``removeAll()``.
    func add(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        if chunks[chunks.count - 1].count - end < bytes.count {
            chunks.append(Self.allocate(max(Self.chunkSize, bytes.count)))
            end = 0
        }
        let place = UnsafeMutableRawBufferPointer(rebasing: chunks[chunks.count - 1][end..<end + bytes.count])
        place.copyMemory(from: bytes)
        end += bytes.count
        return UnsafeRawPointer(place.baseAddress)
    }

    private static func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: count, alignment: 16)
    }

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }
}
