/// A small generator of its own (SplitMix64), so that the model needs nothing of the engine.
package struct ModelRandom: RandomNumberGenerator {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// A generator whose sequence follows from this one.
    package mutating func fork() -> ModelRandom { ModelRandom(seed: next()) }

    package mutating func chance(_ percent: Int) -> Bool { number(0, 99) < percent }

    package mutating func number(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &self) }

    package mutating func amount(_ low: Int64, _ high: Int64) -> Int64 {
        Int64.random(in: low...high, using: &self)
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(0, elements.count - 1)]
    }
}
