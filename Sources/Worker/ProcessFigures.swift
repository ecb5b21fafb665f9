import Foundation

/// What the kernel knows of this process.
enum ProcessFigures {
    /// The resident memory in bytes; 0 where the system does not tell (proc_pid_statm(5), second field).
    static func residentBytes() -> Int {
        guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
        let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
