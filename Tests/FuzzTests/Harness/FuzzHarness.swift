import Foundation
import TestSupport

/// Runs a target on its seeds and on mutations of them, for a bounded time, from a printed seed.
///
/// It knows nothing of coverage; of each kind of input that the target tells apart it keeps some and goes on
/// from there. libFuzzer (`deploy/fuzz`) looks deeper; this runs wherever the suite runs.
struct FuzzHarness {
    /// What became of a run.
    struct Outcome {
        var executions = 0
        var kinds: Set<Int> = []
        /// The first finding, with its input.
        var finding: (message: String, input: [UInt8])?
    }

    private static let longestInput = 4_096
    private static let largestCorpus = 2_000

    let target: FuzzTarget
    /// Where the input that is being run stands, in case that it ends the process.
    let record: InputRecord
    private var random: SeededGenerator
    private var corpus: [[UInt8]] = []
    private var perKind: [Int: Int] = [:]
    private(set) var outcome = Outcome()

    init(_ target: FuzzTarget, record: InputRecord, random: SeededGenerator) {
        self.target = target
        self.record = record
        self.random = random
    }

    /// Runs the seeds, and then mutations for as long as `goesOn` says so; stops at the first finding.
    mutating func run(while goesOn: (Int) -> Bool) throws {
        for seed in try target.seeds() + FuzzSeeds.found(target.name).map(\.bytes) {
            corpus.append(seed)
            guard execute(seed) else { return }
        }
        while goesOn(outcome.executions) {
            guard execute(mutant()) else { return }
        }
    }

    /// Runs one input; returns false when it showed a defect.
    private mutating func execute(_ input: [UInt8]) -> Bool {
        record.write(input)
        outcome.executions += 1
        do {
            let kind = try input.withUnsafeBytes { try target.run($0) }
            outcome.kinds.insert(kind)
            keep(input, kind)
            return true
        } catch {
            outcome.finding = ("\(error)", input)
            return false
        }
    }

    private mutating func keep(_ input: [UInt8], _ kind: Int) {
        let seen = perKind[kind, default: 0]
        guard input.count <= Self.longestInput, seen < 20 || random.chance(1, in: 200) else { return }
        perKind[kind] = seen + 1
        if corpus.count < Self.largestCorpus {
            corpus.append(input)
        } else {
            corpus[Int.random(in: 0..<corpus.count, using: &random)] = input
        }
    }

    private mutating func mutant() -> [UInt8] {
        var bytes = corpus.randomElement(using: &random) ?? []
        // Short inputs run faster and say more.
        if bytes.count > 300, random.chance(1, in: 2) {
            let start = Int.random(in: 0..<bytes.count, using: &random)
            bytes = Array(bytes[start..<min(bytes.count, start + 200)])
        }
        for _ in 0..<(1 << Int.random(in: 0...3, using: &random)) { mutate(&bytes) }
        return bytes.count > Self.longestInput ? Array(bytes.prefix(Self.longestInput)) : bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let length = Int.random(in: 1...16, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + length))
        case 3 where random.chance(1, in: 4): bytes.removeSubrange(place...)
        case 4:
            let piece = Array(bytes[place..<min(bytes.count, place + length)])
            bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
        case 5:
            let other = corpus.randomElement(using: &random) ?? []
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[start...])
        default: bytes.insert(contentsOf: target.words.randomElement(using: &random) ?? [], at: place)
        }
    }
}
