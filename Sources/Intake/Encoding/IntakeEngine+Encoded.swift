import NIOCore
import NIOHTTP1
import Shared

extension IntakeEngine {
    /// Decides about a complete request whose body is encoded, and answers it once that is durable.
    ///
    /// A body that can't be decoded is taken as it came: some senders name a coding that they did not apply,
    /// and what is broken becomes a dead letter rather than an error that the sender would repeat and give
    /// up on.
    func decide(
        _ match: RouteMatch,
        head: HTTPRequestHead,
        encoded: ByteBuffer,
        coding: ContentCoding,
        peer: @autoclosure () -> SocketAddress?,
        answer: @escaping (HTTPAnswer) -> Void
    ) {
        var reserved = 0
        defer { release(bytes: reserved) }
        let inflater = Inflater(byteMax: maxBodyBytes) { [self] count in
            guard reserve(bytes: count) else { return false }
            reserved += count
            return true
        }
        var body = ByteBuffer()
        switch inflater.inflate(encoded, coding: coding, into: &body) {
        case .decoded:
            decide(match, head: head, body: body, encoded: encoded, peer: peer(), answer: answer)
        case .undecodable: decide(match, head: head, body: encoded, peer: peer(), answer: answer)
        case .tooLarge:
            metrics.count(.refused, source: match.receiver.source.name, bytes: 0)
            answer(.problem(.tooLarge))
        case .noRoom:
            metrics.count(.unavailable, source: match.receiver.source.name, bytes: 0)
            answer(.problem(.unavailable))
        }
    }
}

/// Calls a closure with the bytes of a body and, where it was decoded, of what was sent.
func withBytes<Value>(
    of body: ByteBuffer,
    _ encoded: ByteBuffer?,
    _ closure: (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) -> Value
) -> Value {
    body.withUnsafeReadableBytes { bytes in
        guard let encoded else { return closure(bytes, nil) }
        return encoded.withUnsafeReadableBytes { closure(bytes, $0) }
    }
}
