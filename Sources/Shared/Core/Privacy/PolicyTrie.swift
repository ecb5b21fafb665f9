/// An allow-list as a table of states that is walked beside the document.
///
/// Each path leads to exactly one state: `*` is resolved when the policy is compiled, so the walk needs no search.
/// State 0 is "on no list"; it leads only to itself.
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
        var keyStart: Int32 = 0
        var keyLength: Int32 = 0
        /// The state of the key; -1 marks a free slot.
        var state: Int32 = -1
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
        var probe = Int32(truncatingIfNeeded: Self.hash(key)) & parent.slotMask
        while true {
            let slot = slots[Int(parent.firstSlot + probe)]
            if slot.state < 0 { return (parent.otherKey, false) }
            if Int(slot.keyLength) == key.count, isKey(key, at: Int(slot.keyStart)) {
                return (slot.state, true)
            }
            probe = (probe + 1) & parent.slotMask
        }
    }

    @inline(__always)
    private func isKey(_ key: UnsafeRawBufferPointer, at start: Int) -> Bool {
        for index in 0..<key.count where keys[start &+ index] != key[index] { return false }
        return true
    }

    /// Mixes length, first and last eight bytes; the tables are the policy's, so no sender can lengthen a probe.
    @inline(__always)
    static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        if key.count >= 8 {
            head = key.loadUnaligned(as: UInt64.self)
            tail = key.loadUnaligned(fromByteOffset: key.count - 8, as: UInt64.self)
        } else {
            for byte in key { head = head << 8 | UInt64(byte) }
        }
        let mixed = (head ^ UInt64(key.count)) &* 0x9E37_79B9_7F4A_7C15 ^ tail &* 0xC2B2_AE3D_27D4_EB4F
        return mixed >> 32
    }
}
