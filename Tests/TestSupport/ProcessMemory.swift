import Foundation

/// What a process takes of the machine's memory, as the kernel counts it.
public enum ProcessMemory {
    /// The resident memory of a process, by default this one, in bytes.
    ///
    /// - Throws: ``TestSupportError`` when the process is gone.
    public static func resident(of process: Int32? = nil) throws(TestSupportError) -> Int {
        try field("VmRSS:", of: process)
    }

    /// The most that a process, by default this one, ever had resident, in bytes.
    ///
    /// - Throws: ``TestSupportError`` when the process is gone.
    public static func peak(of process: Int32? = nil) throws(TestSupportError) -> Int {
        try field("VmHWM:", of: process)
    }

    private static func field(_ name: String, of process: Int32?) throws(TestSupportError) -> Int {
        let process = process ?? getpid()
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else {
            throw TestSupportError("Process \(process) has no /proc/\(process)/status.")
        }
        for line in status.split(separator: "\n") where line.hasPrefix(name) {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count == 3, words[2] == "kB", let kilobytes = Int(words[1]) { return kilobytes << 10 }
        }
        throw TestSupportError("/proc/\(process)/status has no \(name)")
    }
}
