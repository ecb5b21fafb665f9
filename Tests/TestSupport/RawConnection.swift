import Foundation

/// A TCP or Unix-socket connection to a server under test, driven step by step.
///
/// It can do what ``HTTPClient`` does not: keep a connection, send a byte at a time, stop reading, hang up.
public final class RawConnection {
    /// The socket, for who waits on several.
    public let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isOpen = true
    private var isAtEnd = false
    /// Whether the server ended the connection with a reset, which may have cost the client an answer.
    public private(set) var wasReset = false

    /// Connects to a port of 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - receiveBufferBytes: Makes the kernel's buffer small, for a client that does not read.
    ///   - source: The last number of the address in 127.0.0.0/24 that it comes from; nil for the usual one.
    /// - Throws: ``TestSupportError`` when nobody listens there.
    public init(
        port: Int,
        receiveBufferBytes: Int32? = nil,
        source: UInt8? = nil
    ) throws(TestSupportError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        if var bytes = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        if let source {
            var own = Self.loopback(source, port: 0)
            let code = withUnsafePointer(to: &own) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard code == 0 else {
                let error = errno
                close()
                throw .system("bind", error)
            }
        }
        var address = Self.loopback(1, port: port)
        try connectTo(&address)
    }

    private static func loopback(_ number: UInt8, port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = (0x7F00_0000 | UInt32(number)).bigEndian
        return address
    }

    /// Connects to a Unix socket.
    public init(path: String) throws(TestSupportError) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        try connectTo(&address)
    }

    deinit {
        close()
    }

    private func connectTo<Address>(_ address: inout Address) throws(TestSupportError) {
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard code == 0 else {
            let error = errno
            close()
            throw .system("connect", error)
        }
    }

    // MARK: Sending

    /// Sends text.
    public func send(_ text: String) throws(TestSupportError) {
        try send(Array(text.utf8))
    }

    /// Sends bytes; an error says that the server has hung up, or has not read for 10 seconds.
    public func send(_ bytes: [UInt8]) throws(TestSupportError) {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .system("send", errno) }
            sent += count
        }
    }

    /// Sends as much as the kernel takes without waiting; returns how many bytes that were.
    ///
    /// A server that has hung up takes none.
    public func sendWhatFits(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Says that nothing more will be sent, and reads on.
    public func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Hangs up.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        Foundation.close(descriptor)
    }

    // MARK: Receiving

    /// Waits until bytes have come or the server has hung up; returns false when neither happened in time.
    @discardableResult
    public func waitForBytes(within limit: Duration) -> Bool {
        if isAtEnd { return true }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let (seconds, rest) = limit.components
        let ready = poll(&waiting, 1, Int32(seconds * 1000 + rest / 1_000_000_000_000_000))
        guard ready > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count > 0 {
            buffer.append(contentsOf: chunk[..<count])
        } else {
            isAtEnd = true
            wasReset = count < 0
        }
        return true
    }

    /// Reads the next answer.
    ///
    /// - Parameters:
    ///   - isHead: Whether it answers a HEAD, so that no body follows.
    ///   - limit: How long it may take.
    /// - Returns: The answer, whose body is as long as its Content-Length says.
    /// - Throws: ``TestSupportError`` when the deadline passes or the server hangs up before.
    public func nextAnswer(
        isHead: Bool = false,
        within limit: Duration = .seconds(10)
    ) throws(TestSupportError) -> HTTPClient.Answer {
        let deadline = ContinuousClock.now + limit
        while true {
            if let answer = takeAnswer(isHead: isHead) { return answer }
            let left = deadline - ContinuousClock.now
            guard !isAtEnd, left > .zero, waitForBytes(within: left) else {
                let got = String(decoding: buffer.suffix(500), as: UTF8.self)
                throw TestSupportError("No answer came (\(isAtEnd ? "hung up" : "silence")): \(got)")
            }
        }
    }

    /// Waits until the server has hung up; returns what it sent before, or nil when it did not in time.
    public func bytesUntilEnd(within limit: Duration = .seconds(10)) -> [UInt8]? {
        let deadline = ContinuousClock.now + limit
        while !isAtEnd {
            let left = deadline - ContinuousClock.now
            guard left > .zero, waitForBytes(within: left) else { return nil }
        }
        return buffer
    }

    private func takeAnswer(isHead: Bool) -> HTTPClient.Answer? {
        guard let answer = HTTPClient.parse(buffer) else { return nil }
        let length = isHead ? 0 : Int(answer.headers["content-length"] ?? "0") ?? 0
        guard answer.body.count >= length else { return nil }
        buffer = Array(answer.body[length...])
        return HTTPClient.Answer(
            status: answer.status,
            headers: answer.headers,
            body: Array(answer.body[..<length])
        )
    }
}
