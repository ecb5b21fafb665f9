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

    /// Calls with the tables as pointers, which must not leave the call.
    ///
    /// The compiler leaves none of them empty.
    func withTable<Result, Failure: Error>(
        _ body: (PolicyTable) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try states.withUnsafeBufferPointer { states throws(Failure) in
            try slots.withUnsafeBufferPointer { slots throws(Failure) in
                try keys.withUnsafeBufferPointer { keys throws(Failure) in
                    try captures.withUnsafeBufferPointer { captures throws(Failure) in
                        guard let states = states.baseAddress, let slots = slots.baseAddress,
                            let keys = keys.baseAddress, let captures = captures.baseAddress
                        else { preconditionFailure("A table of a policy is empty: compile it.") }
                        return try body(
                            PolicyTable(
                                states: states,
                                slots: slots,
                                keys: UnsafeRawPointer(keys),
                                captures: captures
                            )
                        )
                    }
                }
            }
        }
    }

    /// Returns the state of a member, and whether the policy names its key.
    func member(_ key: UnsafeRawBufferPointer, of state: Int32) -> (state: Int32, isNamed: Bool) {
        withTable { table in
            // Of an empty key no byte is read.
            let start = key.baseAddress ?? table.keys
            return table.member(start, length: key.count, of: state)
        }
    }

    @inline(__always)
    static func ends(of key: UnsafeRawPointer, length: Int) -> Ends {
        if length >= 8 {
            return Ends(
                head: key.loadUnaligned(as: UInt64.self),
                tail: key.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
            )
        }
        if length >= 4 {
            let first = key.loadUnaligned(as: UInt32.self)
            let last = key.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
            return Ends(head: UInt64(first) << 32 | UInt64(last), tail: 0)
        }
        if length == 0 { return Ends(head: 0, tail: 0) }
        let first = key.load(as: UInt8.self)
        let middle = key.load(fromByteOffset: length >> 1, as: UInt8.self)
        let last = key.load(fromByteOffset: length &- 1, as: UInt8.self)
        return Ends(head: UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last), tail: 0)
    }

    /// Mixes both ends and the length; the tables are the policy's, so no sender can lengthen a probe.
    @inline(__always)
    static func hash(_ ends: Ends, length: Int) -> UInt64 {
        let mixed =
            (ends.head ^ UInt64(length)) &* 0x9E37_79B9_7F4A_7C15 ^ ends.tail &* 0xC2B2_AE3D_27D4_EB4F
        return mixed >> 32
    }
}

/// The tables of a ``PolicyTrie`` while they are walked: pointers, so that a step counts no reference.
struct PolicyTable {
    let states: UnsafePointer<PolicyTrie.State>
    let slots: UnsafePointer<PolicyTrie.Slot>
    let keys: UnsafeRawPointer
    let captures: UnsafePointer<Int>

    /// Returns the state of a member, and whether the policy names its key.
    @inline(__always)
    func member(_ key: UnsafeRawPointer, length: Int, of state: Int32) -> (state: Int32, isNamed: Bool) {
        let parent = states + Int(state)
        let mask = parent.pointee.slotMask
        guard mask >= 0 else { return (parent.pointee.otherKey, false) }
        let ends = PolicyTrie.ends(of: key, length: length)
        let table = slots + Int(parent.pointee.firstSlot)
        var probe = Int32(truncatingIfNeeded: PolicyTrie.hash(ends, length: length)) & mask
        while true {
            let slot = table + Int(probe)
            if slot.pointee.state < 0 { return (parent.pointee.otherKey, false) }
            if slot.pointee.ends == ends, Int(slot.pointee.keyLength) == length,
                length <= 16 || isMiddle(of: key, length: length, at: keys + Int(slot.pointee.keyStart))
            {
                return (slot.pointee.state, true)
            }
            probe = (probe &+ 1) & mask
        }
    }

    /// Compares what lies between the first and the last eight bytes, eight at a time.
    @inline(__always)
    private func isMiddle(of key: UnsafeRawPointer, length: Int, at known: UnsafeRawPointer) -> Bool {
        var index = 8
        while index < length &- 8 {
            // The last word may reach into the last eight bytes, which are equal already.
            guard
                key.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    == known.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            else { return false }
            index &+= 8
        }
        return true
    }
}
