import Shared
import Synchronization

/// Keeps one sender of wrong signatures from pushing all others out of the bounded quarantine.
///
/// It counts per client and hour in a count-min sketch (Cormode and Muthukrishnan, 2005): a fixed table in
/// which a client's address only picks the places and is stored nowhere, in no form. Many clients may share
/// places, which can keep less than allowed, never more. One for all event loops.
final class QuarantineShare: Sendable {
    /// How many deliveries of one client are kept per hour: a quarter of a source's quarantine.
    static let perHour: UInt16 = 250

    private static let rows = 2
    private static let columns = 4096

    private struct State {
        var hour = Int64.min
        var counts = [UInt16](repeating: 0, count: rows * columns)
    }

    private let state = Mutex(State())
    private let trusted: TrustedProxies

    /// Creates an empty table.
    ///
    /// - Parameter trusted: The proxies that are believed.
    init(trusted: TrustedProxies) {
        self.trusted = trusted
    }

    /// Counts a delivery whose signature did not verify.
    ///
    /// - Parameters:
    ///   - peer: Who opened the connection.
    ///   - xForwardedFor: The lines of `X-Forwarded-For`.
    ///   - forwarded: The lines of `Forwarded`.
    ///   - time: When it came.
    /// - Returns: Whether it is to be kept.
    func takes(
        from peer: ClientAddress,
        xForwardedFor: [String],
        forwarded: [String],
        at time: Timestamp
    ) -> Bool {
        let client = ClientAddress.of(
            peer: peer,
            xForwardedFor: xForwardedFor,
            forwarded: forwarded,
            trusted: trusted
        )
        let places = (0..<Self.rows).map { Self.place(of: client, row: $0) }
        let hour = time.milliseconds / 3_600_000
        return state.withLock { state in
            if state.hour != hour {
                state.hour = hour
                for index in state.counts.indices { state.counts[index] = 0 }
            }
            let least = places.reduce(UInt16.max) { min($0, state.counts[$1]) }
            guard least < Self.perHour else { return false }
            // Only the smallest: the others are too high already.
            for place in places where state.counts[place] == least { state.counts[place] += 1 }
            return true
        }
    }

    /// Counts a delivery whose signature did not verify; returns whether it is to be kept.
    func takes(_ arrival: Arrival, at time: Timestamp) -> Bool {
        takes(
            from: ClientAddress(arrival.connection.peer),
            xForwardedFor: arrival.fields.all("x-forwarded-for"),
            forwarded: arrival.fields.all("forwarded"),
            at: time
        )
    }

    /// The process's random seed is in it, so that nobody can choose whom to share a place with.
    private static func place(of client: ClientAddress, row: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(row)
        switch client {
        case .ip(let address): hasher.combine(address.subscriber)
        case .unixSocket: hasher.combine(0)
        }
        return row * columns + Int(UInt(bitPattern: hasher.finalize()) % UInt(columns))
    }
}
