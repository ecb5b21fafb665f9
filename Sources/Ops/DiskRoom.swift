import Foundation

/// How much room the disk of a file has.
struct DiskRoom: Hashable {
    /// Bytes that a user without privileges may still write.
    let free: Int
    /// All of its bytes.
    let size: Int
    /// Which disk it is: files of one disk share their room.
    let device: UInt64

    /// Creates a room from figures.
    init(free: Int, size: Int, device: UInt64 = 0) {
        (self.free, self.size, self.device) = (free, size, device)
    }

    /// Looks at the disk of a file or a folder; nil where that can't be looked at, or does not exist.
    init?(at path: String) {
        var room = statvfs()
        var file = stat()
        guard statvfs(path, &room) == 0, stat(path, &file) == 0 else { return nil }
        let unit = UInt64(room.f_frsize)
        self.init(
            free: Int(clamping: UInt64(room.f_bavail).multipliedReportingOverflow(by: unit).partialValue),
            size: Int(clamping: UInt64(room.f_blocks).multipliedReportingOverflow(by: unit).partialValue),
            device: UInt64(file.st_dev)
        )
    }
}
