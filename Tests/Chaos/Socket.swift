import Foundation
import TestSupport

/// A blocking TCP connection to a port of this machine, with limits of time.
final class Socket {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Connects.
    init(port: Int, timeout: Int) throws(TestSupportError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        var isOn: Int32 = 1
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let code = errno
            throw .system("connect", code)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends all bytes.
    func send(_ bytes: some Collection<UInt8>) throws(TestSupportError) {
        var left = Array(bytes)[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .system("send", errno) }
            left = left.dropFirst(count)
        }
    }

    /// Returns what `take` finds at the start of what came, reading on while it finds nothing.
    ///
    /// `take` returns how many bytes it used; the error says that the peer hung up or was silent too long.
    func receive<T>(_ take: (UnsafeRawBufferPointer) -> (T, used: Int)?) throws(TestSupportError) -> T {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let (value, used) = buffer.withUnsafeBytes(take) {
                buffer.removeFirst(used)
                return value
            }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { throw .system("recv", count == 0 ? ECONNRESET : errno) }
            buffer.append(contentsOf: chunk[..<count])
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where the text begins, from an offset on; nil when it is not there.
    func find(_ text: StaticString, from offset: Int = 0) -> Int? {
        guard let base = baseAddress else { return nil }
        let length = text.utf8CodeUnitCount
        var place = offset
        while place + length <= count {
            guard let first = memchr(base + place, Int32(text.utf8Start.pointee), count - place) else {
                break
            }
            place = UnsafeRawPointer(first) - base
            guard place + length <= count else { break }
            if memcmp(base + place, text.utf8Start, length) == 0 { return place }
            place += 1
        }
        return nil
    }

    /// The number whose digits begin at an offset.
    func number(at offset: Int) -> Int {
        var value = 0
        for byte in self[offset...] {
            guard (0x30...0x39).contains(byte) else { break }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
