import Foundation

/// What went wrong in the surroundings of a test, rather than in what it tests.
public struct TestSupportError: Error, CustomStringConvertible {
    /// What failed.
    public let description: String

    /// Creates an error from a sentence.
    public init(_ description: String) {
        self.description = description
    }

    /// A system call failed with the given `errno`.
    public static func system(_ call: String, _ code: Int32) -> TestSupportError {
        TestSupportError("\(call) failed: \(String(cString: strerror(code))).")
    }
}
