// The door for libFuzzer. It is no part of the package: deploy/fuzz compiles it with the targets.
import Foundation

/// The target that GROWTH_FUZZ_TARGET names.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["GROWTH_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("GROWTH_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: " ")).")
        exit(64)
    }
    return target
}()

/// Writes seeds and words into the folder that GROWTH_FUZZ_SEEDS names, and ends; else does nothing.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["GROWTH_FUZZ_SEEDS"] else { return 0 }
    do {
        let corpus = URL(fileURLWithPath: folder).appendingPathComponent("corpus")
        try FileManager.default.createDirectory(at: corpus, withIntermediateDirectories: true)
        let inputs = try target.seeds() + FuzzSeeds.found(target.name).map(\.bytes)
        for (index, bytes) in inputs.enumerated() {
            try Data(bytes).write(to: corpus.appendingPathComponent("seed-\(index)"))
        }
        let words = target.words.map { word in
            "\"" + word.map { byte in "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
                + "\"\n"
        }
        let dictionary = URL(fileURLWithPath: folder).appendingPathComponent("words")
        try Data(words.joined().utf8).write(to: dictionary)
    } catch {
        print("The seeds can't be written to \(folder): \(error)")
        exit(73)
    }
    exit(0)
}

/// Runs the target on one input; a finding ends the process, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    do {
        _ = try target.run(UnsafeRawBufferPointer(start: start, count: count))
    } catch {
        FileHandle.standardError.write(Data("Finding in \(target): \(error)\n".utf8))
        preconditionFailure("A property does not hold.")
    }
    return 0
}
