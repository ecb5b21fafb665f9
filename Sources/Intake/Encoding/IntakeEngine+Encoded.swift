import NIOCore
import Shared

extension IntakeEngine {
    /// Decides about a complete request whose body is encoded, and has it answered once that is durable.
    ///
    /// A body that can't be decoded is taken as it came: some senders name a coding that they did not apply,
    /// and what is broken becomes a dead letter rather than an error that the sender would repeat and give
    /// up on.
    func decide(_ arrival: Arrival, encodedAs coding: ContentCoding) {
        var taken = 0
        let inflater = Inflater(byteMax: maxBodyBytes) { [self] count in
            taken += count
            return makeRoom(for: taken)
        }
        var decoded = ByteBuffer()
        switch inflater.inflate(arrival.body, coding: coding, into: &decoded) {
        case .decoded: decoded.withUnsafeReadableBytes { decide(arrival.decoded(as: $0)) }
        case .undecodable: decide(arrival)
        case .tooLarge:
            noteRefusal(.tooLarge, of: arrival.door)
            arrival.answer(.problem(.tooLarge))
        case .noRoom:
            noteRefusal(.unavailable, of: arrival.door)
            arrival.answer(.problem(.unavailable))
        }
    }
}
