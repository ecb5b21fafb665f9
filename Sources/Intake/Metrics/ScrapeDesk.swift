import NIOCore
import Shared

/// Those who ask one event loop for the metrics, and what they get: rendering costs more than a webhook, and
/// anyone may ask.
///
/// One rendering is under way at a time, for all who ask meanwhile. Who asks more often than the budget
/// allows, a bucket of tokens, gets the last one again. All share its memory. Confined to the loop; an
/// object, since whoever is answered may ask again within the same call.
final class ScrapeDesk {
    private let budget: Int
    private let pause: TimeAmount
    private var tokens: Int
    private var filledAt: NIODeadline?
    private var last: ByteBuffer?
    private var waiting: [(HTTPAnswer) -> Void] = []
    private var isRendering = false

    /// Creates a desk that has so many renderings at once, and one more after each pause.
    init(budget: Int, pause: TimeAmount) {
        self.budget = budget
        self.pause = pause
        tokens = budget
    }

    /// Takes a question, which is answered at once where the last rendering will do; returns whether another
    /// one has to be begun.
    func ask(at now: NIODeadline, _ answer: @escaping (HTTPAnswer) -> Void) -> Bool {
        guard !isRendering else {
            waiting.append(answer)
            return false
        }
        refill(now)
        if tokens == 0, let last {
            answer(.metrics(last))
            return false
        }
        waiting.append(answer)
        tokens = max(0, tokens - 1)
        isRendering = true
        return true
    }

    /// Answers all who wait.
    func rendered(_ text: ByteBuffer) {
        last = text
        settle(.metrics(text))
    }

    /// Tells all who wait that there are no metrics.
    func failed() {
        settle(.problem(.unavailable))
    }

    private func settle(_ answer: HTTPAnswer) {
        let asked = waiting
        waiting.removeAll()
        isRendering = false
        for give in asked { give(answer) }
    }

    private func refill(_ now: NIODeadline) {
        guard let filledAt, pause.nanoseconds > 0 else {
            self.filledAt = now
            return
        }
        let earned = (now - filledAt).nanoseconds / pause.nanoseconds
        guard earned > 0 else { return }
        tokens = Int(min(Int64(budget), Int64(tokens) + earned))
        self.filledAt = tokens == budget ? now : filledAt + pause * earned
    }
}
