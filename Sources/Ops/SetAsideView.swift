import ArgumentParser
import Shared
import SharedRedis
import SharedRuntime

/// What a job that was set aside says of itself.
struct SetAsideView {
    /// Why it is dead; nil in quarantine.
    let reason: DeadReason?
    /// The word for why it was set aside; nil in quarantine where an older intake took it.
    let word: String?
    /// When it was set aside; nil where it can't be read.
    let at: Timestamp?
    private let job: SetAsideJob

    /// Reads a job of a list.
    init(_ job: SetAsideJob, _ shelf: RedisDeadLetters.Shelf) {
        self.job = job
        switch shelf {
        case .dead:
            let letter = try? DeadLetter(decoding: job.element)
            (reason, word, at) = (letter?.reason, letter?.reason.code ?? "unreadable", letter?.at)
        case .quarantine:
            let envelope = try? Envelope(decoding: job.element)
            (reason, word, at) = (nil, envelope?.failure?.rawValue, envelope?.receivedAt)
        }
    }

    /// Whose delivery it is; nil where it can't be read.
    var account: String? {
        job.job.flatMap { try? Envelope(decoding: $0) }?.provenance.account
    }

    /// Whether it has the reason and the account, and was set aside in the time, as far as they are asked
    /// for.
    func matches(reason word: String?, account name: String?, _ times: SetAsideTimes) -> Bool {
        if let word, self.word != word { return false }
        return times.contain(at) && (name == nil || account == name)
    }
}

/// The reasons that a search for one met, so that a misspelt one is not taken for none.
struct ReasonsSeen {
    private let wanted: String?
    private var words: Set<String> = []

    /// Prepares for the search; in quarantine there are only the words that an option takes.
    init(_ wanted: String?, _ shelf: RedisDeadLetters.Shelf) {
        self.wanted = shelf == .dead ? wanted : nil
    }

    /// Notes the reason of a letter.
    mutating func note(_ view: SetAsideView) {
        if wanted != nil, let word = view.word { words.insert(word) }
    }

    /// Says on standard error which reasons there are, where none is the one that was looked for.
    func tell() {
        guard let wanted, !words.isEmpty, !words.contains(wanted) else { return }
        let found = words.sorted().map { Table.printable($0) }.joined(separator: ", ")
        StandardError.print("No dead letter has the reason \(wanted); there are: \(found).")
    }
}

/// Why a signature did not verify, as an option.
struct FailureOption: ParsableArguments {
    private static let words = SignatureFailure.allCases.map(\.rawValue)

    @Option(
        help: "Those of this reason, such as mismatch.",
        completion: .list(words),
        transform: Self.read
    )
    var reason: SignatureFailure?

    private static func read(_ word: String) throws -> SignatureFailure {
        guard let failure = SignatureFailure(rawValue: word) else {
            throw ValidationError("There are \(words.joined(separator: ", ")).")
        }
        return failure
    }
}

extension Ops {
    /// What is said where a list holds nothing of an id.
    static func unknownID(_ thing: String, of source: SourceID) -> String {
        "\(source) has no \(thing) of this id."
    }
}

extension RedisDeadLetters.Shelf {
    /// What lies on it, one of them.
    var thing: String { self == .dead ? "dead letter" : "delivery in quarantine" }
}

extension RedisDeadLetters {
    /// The newest jobs that match, oldest first; looks at the list page by page from its end.
    func newest(_ limit: Int, where matches: (SetAsideJob) -> Bool) throws(QueueError) -> [SetAsideJob] {
        var end = try count()
        var found: [SetAsideJob] = []
        while end > 0, found.count < limit {
            let start = max(0, end - 100)
            let page = try list(from: start, count: end - start).filter(matches)
            found = page.suffix(limit - found.count) + found
            end = start
        }
        return found
    }
}
