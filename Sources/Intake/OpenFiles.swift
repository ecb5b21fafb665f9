import Foundation

/// The limit of open files, of which every connection is one.
enum OpenFiles {
    /// Raises the process's limit to `count` where the system allows it; never lowers it.
    static func allow(_ count: Int) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
