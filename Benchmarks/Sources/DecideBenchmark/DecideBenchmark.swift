import Foundation
import Shared

/// Measures the intake's decision, and the worker's reading of what it wrote, over bodies of a file.
///
/// `DecideBenchmark <file> [shopify|shopier|generic] [decide|read] [count]`: the file holds one body a line.
/// Each is signed under a key of the benchmark's own, so the signature is checked too. Run it under
/// `perf stat`, or `valgrind --tool=callgrind` where a machine has no counters, for instructions.
@main
enum DecideBenchmark {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard let path = words.first, let data = FileManager.default.contents(atPath: path) else {
            return print("usage: DecideBenchmark <file of bodies, one a line> [door] [decide|read] [count]")
        }
        let rest = Array(words.dropFirst())
        let bodies = data.split(separator: UInt8(ascii: "\n")).map { Array($0) }
        let count = rest.count > 2 ? Int(rest[2]) ?? 20_000 : 20_000
        guard let requests = SignedRequests(bodies: bodies, door: rest.first ?? "shopify") else {
            return print("The door must be shopify, shopier or generic, and the file must hold a body.")
        }
        if rest.count > 1, rest[1] == "read" {
            report("read", count, requests.envelopes()) { line in
                (try? DecodedEnvelope(decoding: line).envelope.byteCount) ?? 0
            }
        } else {
            report("decide", count, Array(bodies.indices)) { requests.decide($0).count }
        }
    }

    /// Prints the least and the mean time of an operation in ten rounds over the inputs.
    private static func report<Input>(
        _ name: String,
        _ count: Int,
        _ inputs: [Input],
        _ operation: (Input) -> Int
    ) {
        let perRound = max(count / 10, 1)
        var total = 0
        var rounds: [Double] = []
        for _ in 0..<10 {
            let start = clock()
            for index in 0..<perRound { total &+= operation(inputs[index % inputs.count]) }
            rounds.append(Double(clock() - start) / Double(CLOCKS_PER_SEC) / Double(perRound) * 1e9)
        }
        let least = Int(rounds.min() ?? 0)
        let mean = Int(rounds.reduce(0, +) / Double(rounds.count))
        print("\(name): least \(least) ns, mean \(mean) ns, \(total / (perRound * 10)) bytes")
    }
}
