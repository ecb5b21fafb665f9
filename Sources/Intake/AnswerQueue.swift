import NIOCore
import Shared

/// The answers that one connection owes, in the order of its requests.
struct AnswerQueue {
    /// The place of one answer.
    struct Ticket: Hashable {
        fileprivate let number: Int
    }

    private struct Slot {
        let keepAlive: Bool
        let isHead: Bool
        let isHTTP10: Bool
        /// When the request's head was here.
        let startedAt = NIODeadline.now()
        /// The route under which the answer is timed.
        var route = MeterPlan.none.route
        /// The answer, once it is there before its turn.
        var early: EarlyAnswer?
    }

    /// An object, so that the place of an answer stays small: most answers come when it is their turn.
    private final class EarlyAnswer {
        let answer: HTTPAnswer

        init(_ answer: HTTPAnswer) {
            self.answer = answer
        }
    }

    private var slots = CircularBuffer<Slot>()
    private var firstNumber = 0

    /// How many answers are owed.
    var count: Int { slots.count }

    /// Whether none is owed.
    var isEmpty: Bool { slots.isEmpty }

    /// Whether the next answer in order is there.
    var isReady: Bool { slots.first?.early != nil }

    /// Takes a place for the answer to a request.
    mutating func open(for head: HTTPHead, keepAlive: Bool) -> Ticket {
        open(Slot(keepAlive: keepAlive, isHead: head.method == .head, isHTTP10: !head.isHTTP11))
    }

    /// Takes a place for the answer to what can't be read as a request; the connection ends after it.
    mutating func openForUnreadable() -> Ticket {
        open(Slot(keepAlive: false, isHead: false, isHTTP10: false))
    }

    private mutating func open(_ slot: Slot) -> Ticket {
        slots.append(slot)
        return Ticket(number: firstNumber + slots.count - 1)
    }

    /// Notes the route under which an answer is timed.
    mutating func time(_ ticket: Ticket, as route: Int) {
        let offset = ticket.number - firstNumber
        guard (0..<slots.count).contains(offset) else { return }
        slots[slots.index(slots.startIndex, offsetBy: offset)].route = route
    }

    /// Whether all answers before this one were written, and it was not.
    func isNext(_ ticket: Ticket) -> Bool {
        ticket.number == firstNumber && !slots.isEmpty
    }

    /// Gives an answer its place; does nothing when the place has one already or was dropped.
    mutating func answer(_ ticket: Ticket, with answer: HTTPAnswer) {
        let offset = ticket.number - firstNumber
        guard (0..<slots.count).contains(offset) else { return }
        let index = slots.index(slots.startIndex, offsetBy: offset)
        if slots[index].early == nil { slots[index].early = EarlyAnswer(answer) }
    }

    /// What came of writing.
    struct Written {
        /// Whether the connection ends with it.
        var ends = false
        /// Whether the metrics were among it.
        var isMetrics = false
        /// What has to be written behind it before anything else.
        var sharedBody: ByteBuffer?
    }

    /// Drops all places.
    mutating func removeAll() {
        firstNumber += slots.count
        slots.removeAll()
    }

    /// Writes the answers whose turn it is, up to one whose body is shared.
    ///
    /// - Parameters:
    ///   - answer: An answer for the first place, which has none yet; nil when it has.
    ///   - buffer: Where to.
    ///   - lead: What all answers of this second share.
    ///   - endsWithLast: Whether the connection ends with the last answer that is owed.
    ///   - written: Told the route of each answer and when its request began.
    /// - Returns: What came of it.
    mutating func write(
        _ answer: HTTPAnswer? = nil,
        into buffer: inout ByteBuffer,
        lead: AnswerLead,
        endsWithLast: Bool,
        written: (_ route: Int, _ startedAt: NIODeadline) -> Void = { _, _ in }
    ) -> Written {
        var first = answer
        var result = Written()
        while let answer = first ?? slots.first?.early?.answer, let slot = slots.popFirst() {
            first = nil
            firstNumber += 1
            let ends = answer.closes || !slot.keepAlive || (endsWithLast && slots.isEmpty)
            answer.write(
                into: &buffer,
                lead: lead,
                persistence: ends ? .ends : slot.isHTTP10 ? .stated : .implied,
                isHead: slot.isHead
            )
            written(slot.route, slot.startedAt)
            result.ends = ends
            if slot.route == MeterPlan.scrape.route { result.isMetrics = true }
            if !slot.isHead, case .shared(let body) = answer.body { result.sharedBody = body }
            if ends || result.sharedBody != nil { break }
        }
        return result
    }
}
