import Shared

/// What an alert was judged without.
struct RateGap: Hashable, Sendable {
    /// The currencies without a rate, whose amounts came after the judgement.
    var currencies: [Currency]
    /// Whether a rate that comes has it judged again: it is open, and its day is not too long ago.
    var isAwaited: Bool
}

extension JSONWriter {
    /// Writes the members that tell of it, also where there is none.
    mutating func members(of gap: RateGap?) {
        member("fx_missing", gap?.currencies ?? [])
        member("fx_awaited", gap?.isAwaited ?? false)
    }
}
