/// Counts of observations by size, as Prometheus takes them.
public struct Histogram: Hashable, Sendable {
    /// Upper bounds of durations in seconds, from a fast round trip to a minute.
    public static let seconds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
        60,
    ]
    /// Upper bounds of waiting times in seconds, from a few milliseconds to a day.
    public static let waits: [Double] = [
        0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 21_600, 86_400,
    ]
    /// Upper bounds of batches, in jobs: the powers of two up to the largest batch.
    public static let batches: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]

    /// Upper bounds of the buckets, each inclusive, rising.
    public let bounds: [Double]
    /// Observations per bucket, not summed up; the last one is for what exceeds every bound.
    public private(set) var counts: [Int]
    /// The sum of all observations.
    public private(set) var sum = 0.0

    /// Creates an empty histogram.
    ///
    /// - Precondition: The bounds rise.
    public init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "The bounds must rise.")
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// How many observations there are.
    public var count: Int { counts.reduce(0, +) }

    /// Adds one observation; below 0 counts as 0: O(log n) in the number of bounds.
    public mutating func observe(_ value: Double) {
        let value = max(0, value)
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        counts[low] += 1
        sum += value
    }

    /// Adds the observations of another histogram.
    ///
    /// - Precondition: It has the same bounds.
    public mutating func add(_ other: Histogram) {
        precondition(bounds == other.bounds, "Histograms of other bounds can't be added.")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }
}
