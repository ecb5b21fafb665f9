import Foundation

/// A random generator whose sequence follows from its seed alone (SplitMix64, Steele, Lea and Flood 2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The seed; a failing property test states it.
    public let seed: UInt64
    private var state: UInt64

    /// Creates a generator from a seed.
    public init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// Creates a generator from the environment variable `GROWTH_TEST_SEED`, or a fixed seed, and prints
    /// which.
    public init(test: String) {
        let text = ProcessInfo.processInfo.environment["GROWTH_TEST_SEED"]
        self.init(seed: text.flatMap { UInt64($0) } ?? 20_261_123)
        print("\(test): seed \(seed)")
    }

    /// Returns the next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// Returns whether something happens that happens `part` times out of `whole`.
    public mutating func chance(_ part: Int, in whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &self) < part
    }
}
