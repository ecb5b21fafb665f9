/// How often each client may guess a secret: a few times at once, then every 30 seconds.
///
/// A generic cell rate algorithm (ITU-T I.371): one instant is kept per client, by which its guesses would
/// be spaced out. Bounded: when too many clients guess at once, new ones share one place, which can delay
/// them, never let more through. What was guessed right costs nothing.
public struct SignInLimit: Sendable {
    /// How long one wrong guess counts, in milliseconds.
    public static let interval: Int64 = 30_000
    /// How many wrong guesses may come at once.
    public static let burst: Int64 = 10
    /// How many clients are told apart.
    public static let maxClients = 4096

    private var free: [ClientAddress?: Timestamp] = [:]

    /// Creates a limit that knows of no guess.
    public init() {}

    /// Returns how long the client must wait before its next guess, in milliseconds; 0 when it may guess.
    public func wait(of client: ClientAddress, at now: Timestamp) -> Int64 {
        let latest = now.advanced(byMilliseconds: Self.interval * (Self.burst - 1))
        guard let free = free[place(of: client)], free > latest else { return 0 }
        return free.milliseconds(since: latest)
    }

    /// Counts a wrong guess.
    ///
    /// O(1), and O(clients) when the table is full.
    public mutating func fail(of client: ClientAddress, at now: Timestamp) {
        if free.count >= Self.maxClients { free = free.filter { $0.value > now } }
        let place = place(of: client)
        free[place] = max(free[place] ?? now, now).advanced(byMilliseconds: Self.interval)
    }

    /// The client's own place while it has one or there is room, else the one that is shared.
    private func place(of client: ClientAddress) -> ClientAddress? {
        var client = client
        // Who has one IPv6 address has its whole /64.
        if case .ip(let address) = client { client = .ip(address.subscriber) }
        return free[client] != nil || free.count < Self.maxClients ? client : nil
    }
}
