import CZlib
import Foundation
import TestSupport

/// Compressed bytes, as other programs make them.
enum Compressed {
    /// One gzip member (RFC 1952), at the best level.
    static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        let path = folder.file("a.gz")
        guard let file = gzopen(path, "wb9") else { throw TestSupportError("gzopen failed.") }
        let written = bytes.isEmpty ? 0 : gzwrite(file, bytes, UInt32(bytes.count))
        guard gzclose(file) == Z_OK, Int(written) == bytes.count,
            let data = FileManager.default.contents(atPath: path)
        else { throw TestSupportError("gzwrite failed.") }
        return [UInt8](data)
    }

    /// The zlib format (RFC 1950), at the best level.
    static func zlib(_ bytes: [UInt8]) throws -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(count))
        guard compress2(&output, &count, bytes, UInt(bytes.count), 9) == Z_OK else {
            throw TestSupportError("compress2 failed.")
        }
        return Array(output.prefix(Int(count)))
    }

    /// Bare DEFLATE (RFC 1951).
    static func raw(_ bytes: [UInt8]) throws -> [UInt8] {
        // Two bytes of header before, an Adler-32 behind.
        Array(try zlib(bytes).dropFirst(2).dropLast(4))
    }
}
