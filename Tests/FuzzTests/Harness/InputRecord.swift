import Foundation

/// A file in which the input that is being run stands: written through memory, so that it costs no system
/// call and survives the end of the process.
final class InputRecord {
    private static let capacity = 1 << 16

    let path: String
    private let memory: UnsafeMutableRawPointer

    /// Opens the file of a target in a folder, which is made where it is missing.
    init(of target: String, in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("\(target).running").path
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, off_t(Self.capacity)) == 0,
            let memory = mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            memory != MAP_FAILED
        else { throw CocoaError(.fileWriteUnknown) }
        close(file)
        self.memory = memory
    }

    deinit {
        munmap(memory, Self.capacity)
        unlink(path)
    }

    /// Writes the size of the input in eight bytes, then the input.
    func write(_ input: [UInt8]) {
        memory.storeBytes(of: UInt64(input.count).littleEndian, as: UInt64.self)
        input.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.capacity - 8))
            (memory + 8).copyMemory(from: part.baseAddress ?? UnsafeRawPointer(memory), byteCount: part.count)
        }
    }
}
