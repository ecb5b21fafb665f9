import Foundation
import TestSupport

/// Processor time, which other programs of the machine do not lengthen.
enum ProcessTime {
    /// What this process has used so far, in seconds; the store commits on a thread of its own.
    static func ofProcess() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// What a process has used so far, all threads together, in seconds (`proc_pid_schedstat`, nanoseconds).
    static func of(process identifier: Int32) throws -> Double {
        let folder = "/proc/\(identifier)/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(0) { total, thread in
            let data = FileManager.default.contents(atPath: "\(folder)/\(thread)/schedstat") ?? Data()
            let words = String(decoding: data, as: UTF8.self).split(separator: " ")
            guard let nanoseconds = words.first.flatMap({ Double($0) }) else {
                throw TestSupportError("The kernel does not tell the time of thread \(thread).")
            }
            return total + nanoseconds / 1e9
        }
    }
}

extension [Double] {
    /// The value below which a share of the values lies; 0 for none.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return 0 }
        return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
    }
}
