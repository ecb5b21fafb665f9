/// How a blocking loop waits, and learns that it is to stop.
protocol LoopPause: AnyObject, Sendable {
    /// Whether the loop is to stop.
    var isStopped: Bool { get }

    /// Waits for the whole time, unless stopped; returns false once stopped.
    @discardableResult
    func sleep(milliseconds: Int) -> Bool

    /// Waits until woken, stopped or the time is over; returns false once stopped.
    ///
    /// Being woken while nobody waits counts for the next wait.
    @discardableResult
    func wait(milliseconds: Int) -> Bool
}
