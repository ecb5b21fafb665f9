/// One thing that is fuzzed: a function over any bytes, and inputs to begin with.
///
/// The function throws a ``Finding`` when a property does not hold, and returns a small number that tells
/// kinds of input apart (accepted, refused for one reason or another), so that the harness can keep one of
/// each. It serves both the harness in the suite and libFuzzer (`deploy/fuzz`).
struct FuzzTarget: Sendable, CustomStringConvertible {
    let name: String
    /// Inputs to mutate.
    let seeds: @Sendable () throws -> [[UInt8]]
    /// Pieces that mutations insert.
    let words: [[UInt8]]
    let run: @Sendable (UnsafeRawBufferPointer) throws -> Int

    var description: String { name }

    static let all = [
        json, redactor, rules, http, forms, signatures, envelope, replies, spool, pipeline,
    ]
}

extension [UInt8] {
    /// Up to `count` bytes from the front, which are removed.
    mutating func take(_ count: Int) -> [UInt8] {
        let head = Array(prefix(count))
        removeFirst(head.count)
        return head
    }

    /// The first byte, which is removed; 0 when there is none.
    mutating func takeByte() -> UInt8 {
        isEmpty ? 0 : removeFirst()
    }
}
