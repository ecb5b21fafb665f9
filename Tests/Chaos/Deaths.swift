import Foundation

/// What the campaign knows of workers that fell silent with jobs in hand: deaths that the queue may count.
struct Deaths {
    /// Why a worker fell silent.
    enum Cause: String {
        /// It was killed.
        case killed
        /// It was stopped for so long that it was taken for dead.
        case stopped
    }

    /// A time in which a process did nothing; a killed one's has no end.
    private struct Silence {
        var cause: Cause
        var from: Date
        var until = Date.distantFuture

        /// Whether a death that was counted at a time may be due to it.
        func explains(_ time: Date) -> Bool {
            from <= time + Deaths.slack && time - Deaths.slack <= until
        }
    }

    /// A process that had a job in hand when it fell silent.
    private struct Entry {
        var process: Int32
        var cause: Cause
        var at: Date
    }

    /// For how long a process that goes on may not have said so yet, in seconds.
    ///
    /// It may be in the midst of a transaction, for which it waits half a lease at most.
    private static let slack = 3.0
    private let startedAt = Date()
    private var entries: [String: [Entry]] = [:]
    private var silences: [Int32: [Silence]] = [:]

    /// A process was killed or stopped.
    mutating func silence(_ process: Int32, _ cause: Cause) {
        silences[process, default: []].append(Silence(cause: cause, from: Date()))
    }

    /// A process that was stopped goes on.
    mutating func goOn(_ process: Int32) {
        silences[process] = silences[process]?.map { silence in
            var ended = silence
            if silence.cause == .stopped { ended.until = min(silence.until, Date()) }
            return ended
        }
    }

    /// A silent process had these envelopes' jobs in hand.
    mutating func count(_ envelopes: some Sequence<String>, of process: Int32, _ cause: Cause) {
        for envelope in envelopes {
            entries[envelope, default: []].append(Entry(process: process, cause: cause, at: Date()))
        }
    }

    /// How many workers were seen to be killed with a job in hand.
    func kills(of envelope: String) -> Int {
        Set((entries[envelope] ?? []).filter { $0.cause == .killed }.map(\.process)).count
    }

    /// How many deaths explain a job that became poison.
    ///
    /// Each process has at most one: who comes back takes its own back, so that one that was only stopped
    /// counts while it is silent. The last death may have been seen by nobody but the reaper, since a job
    /// that is poison is no longer among those that were taken back from its lane: it counts where that
    /// lane's process was silent just then.
    ///
    /// - Parameters:
    ///   - envelope: The envelope of the job.
    ///   - lane: The lane that its dead letter names.
    ///   - time: The time that it bears.
    /// - Returns: The deaths that are known of.
    func explaining(_ envelope: String, lane: String, at time: Date) -> Int {
        let known = (entries[envelope] ?? []).filter { $0.cause == .killed || isSilent($0.process, at: time) }
        var processes = Set(known.map(\.process))
        if let last = RedisLink.process(ofLane: lane), isSilent(last, at: time) { processes.insert(last) }
        return processes.count
    }

    private func isSilent(_ process: Int32, at time: Date) -> Bool {
        (silences[process] ?? []).contains { $0.explains(time) }
    }

    /// What is known of a job's deaths, for people.
    func story(of envelope: String) -> String {
        (entries[envelope] ?? []).map { entry in
            "process \(entry.process) \(entry.cause) by \(seconds(entry.at)) s"
        }.joined(separator: ", ")
    }

    /// When the dead letter was written, in seconds since the campaign began.
    func seconds(_ time: Date) -> Double {
        (time.timeIntervalSince(startedAt) * 10).rounded() / 10
    }
}
