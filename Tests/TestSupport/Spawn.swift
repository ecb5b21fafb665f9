import Foundation

/// One call of `posix_spawnp` with a clean signal state.
struct Spawn {
    /// The program and its arguments.
    let words: [String]
    /// The environment, `NAME=value`.
    let variables: [String]
    /// What becomes standard input, output and error.
    let descriptors: [Int32]

    /// Returns the process id of the child.
    func run() throws(TestSupportError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        for descriptor in 3...Self.highestDescriptor {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var every = sigset_t()
        sigemptyset(&none)
        sigfillset(&every)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &every)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var arguments = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawnp(
            &identifier,
            words[0],
            &actions,
            &attributes,
            &arguments,
            &environment
        )
        guard code == 0 else { throw .system("Starting \(words[0])", code) }
        return identifier
    }

    /// The highest descriptor that the child may inherit, with some room for those that other threads open.
    ///
    /// A child that inherits a socket of a server in this process would keep it open when the server closes
    /// it. Closing what is not open is no error to `posix_spawn`, as long as it is below the limit.
    private static var highestDescriptor: Int32 {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let highest = (names.compactMap { Int32($0) }.max() ?? 255) + 64
        return max(3, min(highest, Int32(clamping: limit.rlim_cur) - 1))
    }
}
