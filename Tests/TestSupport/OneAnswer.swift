import Foundation

/// A server on a free port that reads one request and gives one answer.
public final class OneAnswer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    private let received = Monitor<String?>(nil)

    /// Listens; the answer is sent as it is.
    public init(_ answer: String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError.system("socket", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
                guard bind(descriptor, generic, size) == 0, listen(descriptor, 1) == 0,
                    getsockname(descriptor, generic, &size) == 0
                else { return errno }
                return 0
            }
        }
        guard code == 0 else { throw TestSupportError.system("bind", code) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let received = received
        Thread.detachNewThread {
            let client = accept(descriptor, nil, nil)
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !Self.isWhole(bytes) {
                let count = read(client, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            received.withLock { $0 = text }
            let answer = Array(answer.utf8)
            _ = write(client, answer, answer.count)
            close(client)
            close(descriptor)
        }
    }

    private static func isWhole(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        let lengths = text[..<end.lowerBound].lowercased().split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("content-length: ") }
            .compactMap { Int($0.dropFirst("content-length: ".count)) }
        return text[end.upperBound...].utf8.count >= lengths.first ?? 0
    }

    /// The request; empty when none came within ten seconds.
    public func request() -> String {
        received.wait(until: .now + .seconds(10)) { $0 } ?? ""
    }
}
