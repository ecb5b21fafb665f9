import Foundation

/// Finds TCP ports that nobody listens on.
public enum FreePort {
    /// Returns a port on 127.0.0.1 that was free a moment ago.
    ///
    /// Another process may take it before the caller does: rare, since the kernel hands ports out in turn.
    ///
    /// - Throws: ``TestSupportError`` when the system refuses.
    public static func find() throws(TestSupportError) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
                guard bind(descriptor, generic, size) == 0 else { return errno }
                guard getsockname(descriptor, generic, &size) == 0 else { return errno }
                return 0
            }
        }
        guard code == 0 else { throw .system("bind", code) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
