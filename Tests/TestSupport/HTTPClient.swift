import Foundation

/// A blocking HTTP/1.1 client on one TCP connection per request, which can also send what no client should.
public struct HTTPClient: Sendable {
    /// What a server answered.
    public struct Answer: Sendable {
        /// The status code.
        public let status: Int
        /// The headers, names in lower case; of several with one name, the last.
        public let headers: [String: String]
        /// The body, as far as it came.
        public let body: [UInt8]

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// The server's port on 127.0.0.1.
    public let port: Int
    /// How long sending and receiving may take, in seconds.
    public let timeout: Int

    /// Creates a client of a server on this machine.
    public init(port: Int, timeout: Int = 10) {
        self.port = port
        self.timeout = timeout
    }

    /// Sends a GET.
    public func get(_ path: String, headers: [String: String] = [:]) throws(TestSupportError) -> Answer {
        try send("GET", path, headers: headers, body: [])
    }

    /// Sends a POST.
    public func post(
        _ path: String,
        headers: [String: String] = [:],
        body: [UInt8]
    ) throws(TestSupportError) -> Answer {
        try send("POST", path, headers: headers, body: body)
    }

    private func send(
        _ method: String,
        _ path: String,
        headers: [String: String],
        body: [UInt8]
    ) throws(TestSupportError) -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        if method == "POST" { head += "content-length: \(body.count)\r\n" }
        let received = try exchange(Array("\(head)\r\n".utf8) + body)
        guard let answer = Self.parse(received) else {
            throw TestSupportError(
                "\(method) \(path) was answered with \(received.count) bytes that are no answer."
            )
        }
        return answer
    }

    /// Sends bytes as they are and returns everything that comes until the server closes the connection.
    public func exchange(_ bytes: [UInt8]) throws(TestSupportError) -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw .system("connect", errno) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that refuses early closes before it has read everything; its answer still counts.
            guard count > 0 else { break }
            sent += count
        }
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            received.append(contentsOf: chunk[..<count])
        }
        return received
    }

    /// Reads one answer; nil when the bytes are none.
    public static func parse(_ bytes: [UInt8]) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.firstRange(of: end)?.lowerBound else { return nil }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        return Answer(status: status, headers: headers, body: Array(bytes[(split + end.count)...]))
    }
}
