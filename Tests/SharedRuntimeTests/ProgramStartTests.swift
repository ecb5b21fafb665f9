import Foundation
import Shared
import SharedRuntime
import TestSupport
import Testing

@Suite("Program start")
struct ProgramStartTests {
    @Test("lets a crash write no memory to a disk")
    func coreDumps() {
        ProgramStart.disableCoreDumps()
        var limit = rlimit(rlim_cur: 1, rlim_max: 1)
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0)
        #expect(limit.rlim_cur == 0 && limit.rlim_max == 0)
        let filter = try? String(contentsOfFile: "/proc/self/coredump_filter", encoding: .utf8)
        #expect(filter == "00000000\n")
    }

    @Test("tells the machine's name without asking the network")
    func hostName() {
        #expect(!HostName.current.isEmpty)
        #expect(HostName.current.utf8.allSatisfy { $0 > 0x20 })
    }

    @Test("tells the time of the machine in whole milliseconds")
    func clock() {
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        let now = SystemClock().now.milliseconds
        #expect(abs(now - before) < 60_000)
    }
}
