import Foundation
import Shared

/// The file behind a database, by device and number, which a deleted or replaced file does not keep.
struct DatabaseFile: Sendable {
    private let path: String
    private let device: UInt64
    private let number: UInt64

    /// Remembers the file that stands at a path.
    init(path: String) throws(StoreError) {
        guard let (device, number) = Self.identity(path) else { throw Self.gone(path) }
        self.path = path
        self.device = device
        self.number = number
    }

    /// Throws `incompatible` unless the same file still stands at the path.
    ///
    /// A process that holds a deleted file goes on writing to it without any error; all of it is lost when it
    /// ends.
    func check() throws(StoreError) {
        guard let (device, number) = Self.identity(path), device == self.device, number == self.number else {
            throw Self.gone(path)
        }
    }

    private static func identity(_ path: String) -> (device: UInt64, number: UInt64)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    private static func gone(_ path: String) -> StoreError {
        StoreError(
            code: .incompatible,
            message: "The database file \(path) was deleted or replaced: put it back and start again."
        )
    }
}
