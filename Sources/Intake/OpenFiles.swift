import Foundation

/// The limit of open files, of which every connection is one.
enum OpenFiles {
    /// Besides the connections: standard streams, Redis, the spool, epoll and timers of each loop.
    static let others = 256
    /// The fewest connections that are of use.
    private static let fewest = 16

    /// Raises the process's limit to `count` where the system allows it; never lowers it.
    ///
    /// - Returns: The limit that holds now.
    @discardableResult
    static func allow(_ count: Int) -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return count }
        if limit.rlim_cur < rlim_t(count) {
            var raised = limit
            raised.rlim_cur = min(rlim_t(count), limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many of the connections that are wanted may be open below a limit of files.
    static func connections(_ wanted: Int, filesMax: Int) -> Int {
        max(fewest, min(wanted, filesMax - others))
    }
}
