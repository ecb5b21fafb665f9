import Foundation
import Synchronization

/// What `ps` shows of this process: a line that says what it does, in place of its arguments.
///
/// The name of the process that `pgrep` and `top` show stays, so that scripts find it.
public enum ProcessTitle {
    /// Where the arguments lie, as the kernel noted it when the program began.
    private struct Region {
        var start: UInt
        var size: Int
    }

    private static let region = Mutex<Region?>(find())

    /// Shows a line, as much of it as there is room for: the program's path and arguments lay there.
    ///
    /// Where the system does not tell where that is, it does nothing.
    public static func set(_ text: String) {
        // SAFETY: The region is the part of the main thread's stack into which the kernel copied the
        // argument strings (proc(5), arg_start and arg_end). It is mapped for reading and writing as long as
        // the process lives, and nobody frees it. Swift's `CommandLine` and Foundation hold copies, which
        // `find` has made them take before. At most `size - 1` bytes are written and the last one stays 0, so
        // glibc's `program_invocation_name`, which points into it, stays a terminated string. The lock keeps
        // writers apart; the kernel and glibc only read bytes.
        region.withLock { region in
            guard let region, let start = UnsafeMutableRawPointer(bitPattern: region.start) else { return }
            let bytes = UnsafeMutableRawBufferPointer(start: start, count: region.size)
            let title = fitting(text, room: region.size - 1)
            bytes.copyBytes(from: title)
            for index in title.count..<region.size { bytes[index] = 0 }
        }
    }

    /// The UTF-8 bytes that fit, cut between two characters; control characters become spaces.
    static func fitting(_ text: String, room: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let scalar = scalar.properties.generalCategory == .control ? " " : scalar
            let next = Array(String(Character(scalar)).utf8)
            guard bytes.count + next.count <= room else { break }
            bytes += next
        }
        return bytes
    }

    private static func find() -> Region? {
        // Both are read from the region once, and kept.
        guard !CommandLine.arguments.isEmpty, !ProcessInfo.processInfo.arguments.isEmpty,
            let stat = FileManager.default.contents(atPath: "/proc/self/stat"),
            let line = FileManager.default.contents(atPath: "/proc/self/cmdline")
        else { return nil }
        return bounds(stat: String(decoding: stat, as: UTF8.self)).flatMap { start, end in
            // A region of another size is not what the kernel shows: leave it alone.
            end - start == UInt(line.count) ? Region(start: start, size: line.count) : nil
        }
    }

    /// Reads fields 48 and 49 of `/proc/self/stat`; the second one, the name, may hold spaces and brackets.
    static func bounds(stat: String) -> (start: UInt, end: UInt)? {
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 46, let start = UInt(fields[45]), let end = UInt(fields[46]),
            start > 0, end > start + 1, end - start <= 1 << 21
        else { return nil }
        return (start, end)
    }
}
