import Glibc

/// Why the spool can't do what it was asked for.
struct SpoolError: Error, Equatable, CustomStringConvertible {
    /// What kind of problem it is.
    enum Code: Sendable {
        /// The cap is reached.
        case full
        /// Another process works in the folder.
        case inUse
        /// The system refused.
        case system
        /// The spool was closed.
        case closed
    }

    /// What kind of problem it is.
    let code: Code
    /// What failed and what to do.
    let description: String

    /// The cap is reached.
    static let full = SpoolError(
        code: .full,
        description: "The spool is full. Bring Redis back, or raise GROWTH_SPOOL_MAX_BYTES."
    )

    /// The intake is stopping.
    static let closed = SpoolError(code: .closed, description: "The spool is closed.")

    /// Another process works in the folder.
    static func inUse(_ folder: String) -> SpoolError {
        SpoolError(
            code: .inUse,
            description: """
                Another intake uses the spool in \(folder). Stop it, or give this one its own GROWTH_HOME.
                """
        )
    }

    /// A system call failed.
    static func system(_ call: String, _ path: String, _ number: Int32 = errno) -> SpoolError {
        SpoolError(
            code: .system,
            description: "\(call) \(path): \(String(cString: strerror(number))) (errno \(number))."
        )
    }
}
