/// Where the members of a document's larger objects stand, by hashes of their keys.
///
/// An order of Shopify has some fifty members and is asked for most of them, several times; comparing key by
/// key took a third of the time in which it is read.
struct JSONKeyIndex {
    /// How many members make an object large: fewer are searched one by one, which is as fast.
    static let memberCounts = 8...1 << 20
    /// How many keys may lie between a key and its place.
    ///
    /// An object whose keys collide more than that has no table: whoever makes up such keys only makes us
    /// search one by one.
    private static let maximumProbes = 16

    /// The tables one after the other: first the number of slots less one, then the slots, a power of two,
    /// each with the place of a key on the tape, or 0.
    private var slots: ContiguousArray<UInt32> = []

    /// Adds a table for an object; returns where it begins, or nil when the object can have none.
    ///
    /// O(members). Of duplicate keys the last is found. Escaped keys would have to be decoded for their hash.
    mutating func add(
        objectAt index: Int,
        memberCount: Int,
        of tape: borrowing JSONTape,
        in bytes: UnsafeRawBufferPointer
    ) -> Int? {
        let start = slots.count
        let slotCount = 1 << (Int.bitWidth - (2 * memberCount - 1).leadingZeroBitCount)
        slots.append(UInt32(slotCount - 1))
        slots.append(contentsOf: repeatElement(0, count: slotCount))
        var isUsable = true
        tape.forEachKey(ofObjectAt: index) { place, isEscaped, content in
            let key = UnsafeRawBufferPointer(rebasing: bytes[content])
            guard isUsable, !isEscaped, let slot = slot(of: key, tableAt: start, of: tape, in: bytes) else {
                isUsable = false
                return
            }
            slots[slot] = UInt32(place)
        }
        if !isUsable { slots.removeSubrange(start...) }
        return isUsable ? start : nil
    }

    /// The place of a key of the object whose table begins here; nil when the object has no such key.
    @inline(__always)
    func place(
        of key: UnsafeRawBufferPointer,
        tableAt start: Int,
        of tape: borrowing JSONTape,
        in bytes: UnsafeRawBufferPointer
    ) -> Int? {
        guard let slot = slot(of: key, tableAt: start, of: tape, in: bytes) else { return nil }
        return slots[slot] == 0 ? nil : Int(slots[slot])
    }

    /// The slot that holds the key, or the empty one where it would lie; nil when neither is near.
    @inline(__always)
    private func slot(
        of key: UnsafeRawBufferPointer,
        tableAt start: Int,
        of tape: borrowing JSONTape,
        in bytes: UnsafeRawBufferPointer
    ) -> Int? {
        let mask = Int(slots[start])
        var offset = Self.hash(key) & mask
        for _ in 0..<Self.maximumProbes {
            let slot = start + 1 + offset
            let place = Int(slots[slot])
            if place == 0 { return slot }
            let content = tape.content(at: place)
            if content.count == key.count, Self.equal(bytes, from: content.lowerBound, key) { return slot }
            offset = (offset + 1) & mask
        }
        return nil
    }

    /// Whether the key stands at this place of the bytes; they reach that far.
    @inline(__always)
    static func equal(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        _ key: UnsafeRawBufferPointer
    ) -> Bool {
        var offset = 0
        while offset < key.count {
            guard bytes[start &+ offset] == key[offset] else { return false }
            offset &+= 1
        }
        return true
    }

    /// Mixes the first and the last eight bytes and the length (Fibonacci hashing, Knuth 6.4).
    @inline(__always)
    private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
        let count = key.count
        var first: UInt64 = 0
        var last: UInt64 = 0
        if count >= 8 {
            first = key.loadUnaligned(as: UInt64.self)
            last = key.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            first = UInt64(key.loadUnaligned(as: UInt32.self))
            last = UInt64(key.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if count > 0 {
            first = UInt64(key[0])
            last = UInt64(key[count / 2]) << 8 | UInt64(key[count - 1])
        }
        let mixed = (first ^ (last << 29 | last >> 35)) &+ UInt64(count)
        return Int((mixed &* 0x9E37_79B9_7F4A_7C15) >> 40)
    }
}
