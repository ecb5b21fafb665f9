/// An allow-list as a table of states that is walked beside the document.
///
/// Each path leads to exactly one state: `*` is resolved when the policy is compiled, so the walk needs no
/// search. State 0 is "on no list"; it leads only to itself.
struct PolicyTrie: Sendable {
    enum Action: UInt8 {
        case none
        case keep
        case keepText
        case email
        case phone
        case customerID

        init(_ identity: FieldPolicy.Identity) {
            switch identity {
            case .email: self = .email
            case .phone: self = .phone
            case .customerID: self = .customerID
            }
        }
    }

    struct State {
        var action = Action.none
        /// Where the entry stands in the policy's list of identities.
        var order: Int32 = 0
        /// The state of every key that has no slot.
        var otherKey: Int32 = 0
        /// The state of an array's elements.
        var element: Int32 = 0
        var firstSlot: Int32 = 0
        /// The number of slots minus one, a power of two minus one; -1 when there are none.
        var slotMask: Int32 = -1
        var firstCapture: Int32 = 0
        var captureCount: Int32 = 0
    }

    struct Slot {
        /// The first and last eight bytes of the key, which tell keys of up to sixteen bytes apart.
        var ends = Ends(head: 0, tail: 0)
        var keyStart: Int32 = 0
        var keyLength: Int32 = 0
        /// The state of the key; -1 marks a free slot.
        var state: Int32 = -1
    }

    struct Ends: Equatable {
        var head: UInt64
        var tail: UInt64
    }

    static let unlisted: Int32 = 0
    static let root: Int32 = 1

    var states: ContiguousArray<State> = []
    var slots: ContiguousArray<Slot> = []
    var keys: ContiguousArray<UInt8> = []
    var captures: ContiguousArray<Int> = []

    /// Returns the state of a member, and whether the policy names its key.
    @inline(__always)
    func member(_ key: UnsafeRawBufferPointer, of state: Int32) -> (state: Int32, isNamed: Bool) {
        let parent = states[Int(state)]
        guard parent.slotMask >= 0 else { return (parent.otherKey, false) }
        let ends = Self.ends(of: key)
        var probe = Int32(truncatingIfNeeded: Self.hash(ends, length: key.count)) & parent.slotMask
        while true {
            let slot = slots[Int(parent.firstSlot &+ probe)]
            if slot.state < 0 { return (parent.otherKey, false) }
            if slot.ends == ends, Int(slot.keyLength) == key.count,
                key.count <= 16 || isMiddle(of: key, at: Int(slot.keyStart))
            {
                return (slot.state, true)
            }
            probe = (probe &+ 1) & parent.slotMask
        }
    }

    /// Compares what lies between the first and the last eight bytes.
    private func isMiddle(of key: UnsafeRawBufferPointer, at start: Int) -> Bool {
        keys.withUnsafeBytes { keys in
            for index in 8..<key.count - 8 where keys[start + index] != key[index] { return false }
            return true
        }
    }

    @inline(__always)
    static func ends(of key: UnsafeRawBufferPointer) -> Ends {
        if key.count >= 8 {
            return Ends(
                head: key.loadUnaligned(as: UInt64.self),
                tail: key.loadUnaligned(fromByteOffset: key.count - 8, as: UInt64.self)
            )
        }
        var head: UInt64 = 0
        for byte in key { head = head << 8 | UInt64(byte) }
        return Ends(head: head, tail: 0)
    }

    /// Mixes both ends and the length; the tables are the policy's, so no sender can lengthen a probe.
    @inline(__always)
    static func hash(_ ends: Ends, length: Int) -> UInt64 {
        let mixed = (ends.head ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15 ^ ends.tail &* 0xC2B2_AE3D_27D4_EB4F
        return mixed >> 32
    }
}
