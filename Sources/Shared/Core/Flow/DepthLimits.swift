/// How long one source's queue may grow before the intake warns, and before it keeps webhooks on disk.
public struct DepthLimits: Hashable, Sendable {
    /// Depth in jobs at which the intake warns; `Int.max` for never.
    public let soft: Int
    /// Depth in jobs at which webhooks go to the spool; `Int.max` for never.
    public let hard: Int

    /// Creates limits in jobs; 0 or less switches a limit off.
    ///
    /// A soft limit above the hard one counts as the hard one.
    public init(soft: Int, hard: Int) {
        self.hard = hard > 0 ? hard : .max
        self.soft = min(soft > 0 ? soft : .max, self.hard)
    }

    /// Returns the pressure that a depth means, given the pressure before it: O(1).
    ///
    /// A limit is reached at its depth and left only below three quarters of it, so that a queue at the brink
    /// changes neither the log nor the way of every second webhook.
    public func pressure(at depth: Int, after pressure: QueuePressure) -> QueuePressure {
        if depth >= hard || pressure == .full && depth >= Self.lowWater(hard) { return .full }
        if depth >= soft || pressure >= .high && depth >= Self.lowWater(soft) { return .high }
        return .normal
    }

    /// The depth below which a limit counts as left: three quarters of it, at least 1.
    static func lowWater(_ limit: Int) -> Int { max(1, limit - limit / 4) }
}

/// How hard a queue presses, and with it what the intake does with the next webhook of its source.
public enum QueuePressure: Int, Comparable, CaseIterable, Sendable {
    /// Below the soft limit: push.
    case normal
    /// The soft limit was reached: push, and say so once.
    case high
    /// The hard limit was reached: keep the webhook on disk, and drain the disk only once this is over.
    case full

    /// Whether the next webhook goes to the spool.
    public var spools: Bool { self == .full }

    /// Orders by how hard it presses.
    public static func < (left: QueuePressure, right: QueuePressure) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What is known of the depth of one source's queue: a value that every answer of Redis moves on.
public struct DepthGauge: Hashable, Sendable {
    /// The last depth that Redis told, in jobs.
    public private(set) var depth = 0
    /// What it means.
    public private(set) var pressure = QueuePressure.normal

    /// Creates a gauge that knows nothing yet.
    public init() {}

    /// Takes a depth and returns the pressure when that changed it, else nil.
    public mutating func note(_ depth: Int, limits: DepthLimits) -> QueuePressure? {
        self.depth = max(0, depth)
        let next = limits.pressure(at: self.depth, after: pressure)
        guard next != pressure else { return nil }
        pressure = next
        return next
    }
}
