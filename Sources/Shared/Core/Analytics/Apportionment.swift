/// Spreads an amount over lines.
enum Apportionment {
    /// Returns a share of `total` for every weight, in proportion, none of them more than its weight.
    ///
    /// A total that covers all weights gives each its own; what is beyond belongs to no line. Otherwise the
    /// shares add up to the total, the largest remainders being rounded up, the earlier of two equal ones.
    /// O(n log n), or O(n) when nothing has to be cut.
    ///
    /// - Precondition: `total` is at most the sum of two 64-bit amounts, so that products fit 128 bits.
    static func shares(of total: Int128, weights: [Int64]) -> [Int64] {
        let weights = weights.map { max(0, $0) }
        let sum = weights.reduce(Int128(0)) { $0 + Int128($1) }
        guard total < sum else { return weights }
        guard total > 0 else { return weights.map { _ in 0 } }
        var shares: [Int64] = []
        var remainders: [(index: Int, rest: Int128)] = []
        var left = total
        for (index, weight) in weights.enumerated() {
            let (quotient, rest) = (Int128(weight) * total).quotientAndRemainder(dividingBy: sum)
            // A share never exceeds its weight, so it fits.
            shares.append(Int64(quotient))
            remainders.append((index, rest))
            left -= quotient
        }
        remainders.sort { $0.rest != $1.rest ? $0.rest > $1.rest : $0.index < $1.index }
        for (index, _) in remainders.prefix(Int(left)) { shares[index] += 1 }
        return shares
    }
}
