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
