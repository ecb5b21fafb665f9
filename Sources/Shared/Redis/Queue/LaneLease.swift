public import Shared

/// What shows that a lane is alive: whoever knows the token may renew it.
public struct LaneLease: Hashable, Sendable {
    /// The source whose queue the lane serves.
    public let source: SourceID
    /// The lane.
    public let lane: LaneID
    /// Random text that no other process knows.
    public let token: String
    /// How long the lease lasts without renewal, in milliseconds.
    public let milliseconds: Int

    /// Creates a lease.
    ///
    /// - Precondition: `milliseconds` is positive and the token is not empty.
    public init(source: SourceID, lane: LaneID, token: String, milliseconds: Int = 15_000) {
        precondition(milliseconds > 0, "A lease of \(milliseconds) ms is over before it begins.")
        precondition(!token.isEmpty, "A lease needs a token.")
        self.source = source
        self.lane = lane
        self.token = token
        self.milliseconds = milliseconds
    }

    var renewal: RedisScriptRunner.Call {
        RedisScriptRunner.Call(
            script: .beat,
            keys: [RedisKeys(source: source).lease(lane: lane.name)],
            arguments: [[UInt8](argument: token), [UInt8](argument: milliseconds)]
        )
    }
}

extension LaneLease {
    /// A lease as it stands in Redis, of the form that the scripts write; anything else is none.
    struct Written {
        /// The longest that it may last, an hour: none that can be set comes near it.
        private static let longest: Int64 = 3_600_000
        /// For how long it still lasts, in milliseconds.
        let milliseconds: Int

        /// Reads a lease.
        ///
        /// - Parameters:
        ///   - value: What the key holds; nil for nothing, or for a value of a wrong type.
        ///   - milliseconds: Its time to live; negative where there is none.
        init?(value: String?, milliseconds: Int64?) {
            guard let value, let milliseconds, (0...Self.longest).contains(milliseconds),
                let colon = value.lastIndex(of: ":"), colon > value.startIndex
            else { return nil }
            let number = value[colon...].utf8.dropFirst()
            guard !number.isEmpty, number.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            self.milliseconds = Int(milliseconds)
        }
    }
}
