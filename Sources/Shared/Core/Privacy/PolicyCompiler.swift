/// Turns the paths of a policy into the states of a ``PolicyTrie``.
struct PolicyCompiler {
    private struct Node {
        var members: [[UInt8]: Int] = [:]
        var anyMember: Int?
        var element: Int?
        var action = PolicyTrie.Action.none
        var order = Int.max
        var captures: [Int] = []
    }

    private enum Step {
        case member([UInt8])
        case anyMember
        case element
    }

    private var nodes = [Node()]
    private var trie = PolicyTrie()
    private var states: [[Int]: Int32] = [:]
    private var pending: [[Int]] = []

    /// Adds a path that is kept or pseudonymised.
    mutating func add(_ path: String, action: PolicyTrie.Action, order: Int = .max) {
        let node = place(path)
        guard action.rawValue >= nodes[node].action.rawValue else { return }
        if nodes[node].action == action, nodes[node].order <= order { return }
        nodes[node].action = action
        nodes[node].order = order
    }

    /// Adds a path that is captured.
    mutating func add(_ path: String, capture index: Int) {
        nodes[place(path)].captures.append(index)
    }

    /// Returns the states: each is the set of nodes that one path of a document can be at (subset
    /// construction).
    mutating func compile() -> PolicyTrie {
        _ = state(of: [])
        _ = state(of: [0])
        var index = 0
        while index < pending.count {
            let set = pending[index].map { nodes[$0] }
            fill(Int32(index), from: set)
            index += 1
        }
        // No table may be empty: an empty one has no address.
        trie.slots.append(PolicyTrie.Slot())
        trie.keys.append(0)
        trie.captures.append(0)
        return trie
    }

    private mutating func fill(_ index: Int32, from set: [Node]) {
        var result = PolicyTrie.State()
        let strongest = set.max { ($0.action.rawValue, $1.order) < ($1.action.rawValue, $0.order) }
        result.action = strongest?.action ?? .none
        result.order = Int32(clamping: strongest?.order ?? 0)
        let any = set.compactMap(\.anyMember)
        result.otherKey = state(of: any)
        result.element = state(of: set.compactMap(\.element))
        let captures = set.flatMap(\.captures)
        result.firstCapture = Int32(trie.captures.count)
        result.captureCount = Int32(captures.count)
        trie.captures.append(contentsOf: captures)
        let names = Set(set.flatMap(\.members.keys)).sorted { $0.lexicographicallyPrecedes($1) }
        if !names.isEmpty {
            let children = names.map { name in state(of: set.compactMap { $0.members[name] } + any) }
            (result.firstSlot, result.slotMask) = table(names, children)
        }
        trie.states[Int(index)] = result
    }

    /// Writes a hash table that is at most half full, and returns where it begins and its mask.
    private mutating func table(_ names: [[UInt8]], _ children: [Int32]) -> (first: Int32, mask: Int32) {
        var size = 2
        while size < names.count * 2 { size *= 2 }
        let first = trie.slots.count
        trie.slots.append(contentsOf: repeatElement(PolicyTrie.Slot(), count: size))
        for (name, child) in zip(names, children) {
            let ends = name.withUnsafeBytes { bytes in
                bytes.baseAddress.map { PolicyTrie.ends(of: $0, length: bytes.count) }
                    ?? PolicyTrie.Ends(head: 0, tail: 0)
            }
            var probe = Int(truncatingIfNeeded: PolicyTrie.hash(ends, length: name.count)) & (size - 1)
            while trie.slots[first + probe].state >= 0 { probe = (probe + 1) & (size - 1) }
            trie.slots[first + probe] = PolicyTrie.Slot(
                ends: ends,
                keyStart: Int32(trie.keys.count),
                keyLength: Int32(name.count),
                state: child
            )
            trie.keys.append(contentsOf: name)
        }
        return (Int32(first), Int32(size - 1))
    }

    private mutating func state(of set: [Int]) -> Int32 {
        let set = Set(set).sorted()
        if let known = states[set] { return known }
        let index = Int32(trie.states.count)
        states[set] = index
        trie.states.append(PolicyTrie.State())
        pending.append(set)
        return index
    }

    private mutating func place(_ path: String) -> Int {
        var node = 0
        for step in Self.steps(path) {
            let next: Int
            switch step {
            case .member(let name): next = nodes[node].members[name] ?? nodes.count
            case .anyMember: next = nodes[node].anyMember ?? nodes.count
            case .element: next = nodes[node].element ?? nodes.count
            }
            if next == nodes.count { nodes.append(Node()) }
            switch step {
            case .member(let name): nodes[node].members[name] = next
            case .anyMember: nodes[node].anyMember = next
            case .element: nodes[node].element = next
            }
            node = next
        }
        return node
    }

    private static func steps(_ path: String) -> [Step] {
        var steps: [Step] = []
        for (index, part) in path.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            var name = part
            var depth = 0
            while name.hasSuffix("[]") {
                name.removeLast(2)
                depth += 1
            }
            precondition(
                !name.isEmpty || (index == 0 && depth > 0),
                "The policy path \(path) has an empty key."
            )
            precondition(
                !name.contains("[") && !name.contains("]"),
                "The policy path \(path) has a stray bracket."
            )
            if name == "*" {
                steps.append(.anyMember)
            } else if !name.isEmpty {
                steps.append(.member(Array(name.utf8)))
            }
            steps.append(contentsOf: repeatElement(.element, count: depth))
        }
        return steps
    }
}
