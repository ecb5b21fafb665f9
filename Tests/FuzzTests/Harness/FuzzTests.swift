import Foundation
import TestSupport
import Testing

/// Every fuzz target, on mutations of its seeds, for some seconds.
///
/// GROWTH_FUZZ_SECONDS sets how long each target runs, GROWTH_TEST_SEED another seed; docs/fuzzing.md.
@Suite("Fuzzing", .serialized)
struct FuzzTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".build/fuzz")

    @Test("no mutated input shows a defect", arguments: FuzzTarget.all)
    func mutations(of target: FuzzTarget) throws {
        let seconds =
            ProcessInfo.processInfo.environment["GROWTH_FUZZ_SECONDS"].flatMap(Double.init) ?? 3
        let record = try InputRecord(of: target.name, in: Self.folder)
        let random = SeededGenerator(test: "fuzz \(target)")
        var harness = FuzzHarness(target, record: record, random: random)
        let end = ContinuousClock.now + .seconds(seconds)
        // A fixed number first, so that a slow machine does not make the test say nothing.
        try harness.run { $0 < 300 || ContinuousClock.now < end }
        let outcome = harness.outcome
        print("fuzz \(target): \(outcome.executions) executions, \(outcome.kinds.count) kinds of input")
        guard let finding = outcome.finding else {
            #expect(outcome.executions >= 300)
            #expect(outcome.kinds.count > 1)
            return
        }
        let name = "\(target)-seed\(random.seed)-run\(outcome.executions)"
        let file = Self.folder.appendingPathComponent("crashes/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(finding.input).write(to: file)
        let hex = finding.input.prefix(400).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        Issue.record("\(target): \(finding.message)\ninput: \(file.path)\nhex: \(hex)")
    }

    @Test("every input that once showed a defect is handled", arguments: FuzzTarget.all)
    func found(_ target: FuzzTarget) throws {
        for (name, bytes) in try FuzzSeeds.found(target.name) {
            do {
                _ = try bytes.withUnsafeBytes { try target.run($0) }
            } catch {
                Issue.record("\(target): \(name): \(error)")
            }
        }
    }
}
