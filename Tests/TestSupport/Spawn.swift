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
}
