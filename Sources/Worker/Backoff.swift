/// How long to wait after failures in a row.
enum Backoff {
    /// The longest wait, in milliseconds.
    static let longestMilliseconds = capMilliseconds + capMilliseconds / 4
    private static let capMilliseconds = 5000

    /// Returns 100 ms doubled per failure up to 5 s, with up to a quarter of jitter.
    static func milliseconds(failures: Int) -> Int {
        let base = min(capMilliseconds, 100 << min(max(failures - 1, 0), 6))
        return base + Int.random(in: 0...base / 4)
    }
}
