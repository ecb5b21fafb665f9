import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime

extension SealedCommand {
    struct Resubmit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Opens sealed dead letters, redacts them as the intake does, and puts them on the queue.",
            discussion: """
                What still can't be redacted stays a dead letter, and its reason is printed: mend the body
                and name it with --body, which may be a pipe. A delivery in quarantine must be released first.

                EXAMPLES:
                  growthctl sealed resubmit generic --reason not-json --private-key seal.key --dry-run
                  growthctl sealed resubmit generic 01KATQ5Z3J8N6V0C2W4R7XHYME --private-key seal.key \\
                    --body mended.json
                """
        )

        @OptionGroup var choice: SetAsideChoice<SetAsideAge>
        @Option(help: "Those of this reason, such as not-json.") var reason: String?
        @OptionGroup var privateKey: PrivateKeyOption
        @Option(help: "The mended body of the one delivery, in the form in which the provider sends.")
        var body: String?

        func validate() throws {
            if body != nil, choice.id == nil {
                throw ValidationError("--body is the body of one delivery: name its id.")
            }
            if let body, body == privateKey.privateKey {
                throw ValidationError("--body and --private-key name the same file.")
            }
        }

        func run() throws {
            try choice.requireOneWay(isFiltered: reason != nil)
            let source = try Ops.source(choice.source)
            try Ops.run { settings in
                let key = privateKey.read()
                let mended = try body.map { try Self.mended($0, limit: settings.maxBodyBytes) }
                var run = SealedResubmission(
                    key: key,
                    mended: mended,
                    settings: settings,
                    letters: RedisDeadLetters(source: source, client: Ops.redis(settings)),
                    isDry: choice.dryRun
                )
                let times = choice.times
                var reasons = ReasonsSeen(reason, .dead)
                var left = choice.limit ?? .max
                let counts = try choice.apply(to: run.letters) { jobs throws(QueueError) in
                    let chosen = jobs.filter { job in
                        let view = SetAsideView(job, .dead)
                        reasons.note(view)
                        return view.matches(reason: reason, account: choice.account, times)
                    }
                    let sealed = Array(chosen.compactMap { SealedDelivery($0, .dead) }.prefix(left))
                    left -= sealed.count
                    return try run.work(sealed)
                }
                report(counts, failures: run.failures, source: source)
                reasons.tell()
                if counts.matched == 0 { try choice.refuseUnknownID() }
                if !run.failures.isEmpty { throw Ops.refused }
            }
        }

        private static func mended(_ path: String, limit: Int) throws -> [UInt8] {
            let input = path == "/dev/stdin" ? FileHandle.standardInput : nil
            guard let file = input ?? FileHandle(forReadingAtPath: path) else {
                ProgramStart.refuse("--body: \(path) can't be read.", code: ProgramStart.exitUsage)
            }
            var bytes = Data()
            // A pipe gives as much as it has at the moment, and nothing only at its end.
            while bytes.count <= limit, let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
                bytes += part
            }
            guard bytes.count <= limit else {
                ProgramStart.refuse(
                    "--body: \(path) is larger than GROWTH_MAX_BODY_BYTES.",
                    code: ProgramStart.exitUsage
                )
            }
            return Array(bytes)
        }

        private func report(
            _ counts: (matched: Int, done: Int),
            failures: [(id: String, reason: String)],
            source: SourceID
        ) {
            guard !choice.output.json else {
                return print(String(decoding: json(counts, failures, source), as: UTF8.self))
            }
            if counts.matched == 0 {
                let isNamed = choice.id != nil
                print(
                    isNamed
                        ? "\(source) has no sealed dead letter of this id."
                        : "No sealed dead letter of \(source) matches; nothing was done."
                )
            } else if choice.dryRun {
                let fine = counts.matched - failures.count
                print(
                    "\(fine) of \(counts.matched) sealed letters of \(source) can go back; nothing was done."
                )
            } else {
                print(
                    "\(counts.done) of \(counts.matched) sealed letters of \(source) were put on the queue."
                )
            }
            for failure in failures { print("\(failure.id): \(failure.reason)") }
        }

        private func json(
            _ counts: (matched: Int, done: Int),
            _ failures: [(id: String, reason: String)],
            _ source: SourceID
        ) -> [UInt8] {
            var writer = JSONWriter()
            writer.object { writer in
                for (key, value) in [
                    ("source", Table.Cell.text(source.name)), ("matched", .number(counts.matched)),
                    ("done", .number(counts.done)), ("dry_run", .flag(choice.dryRun)),
                ] {
                    writer.key(key)
                    writer.append(value)
                }
                writer.key("failed")
                writer.array { writer in
                    for failure in failures {
                        writer.object { writer in
                            writer.key("id")
                            writer.append(string: failure.id)
                            writer.key("reason")
                            writer.append(string: failure.reason)
                        }
                    }
                }
            }
            return writer.bytes
        }
    }
}

/// One run of `growthctl sealed resubmit`.
private struct SealedResubmission {
    let letters: RedisDeadLetters
    /// What could not go back, and why.
    private(set) var failures: [(id: String, reason: String)] = []
    private let key: SealPrivateKey
    private let mended: [UInt8]?
    private let resubmission: Resubmission
    private let isDry: Bool
    private var identifiers = ULIDGenerator()
    private var random = SystemRandomNumberGenerator()

    init(key: SealPrivateKey, mended: [UInt8]?, settings: Settings, letters: RedisDeadLetters, isDry: Bool) {
        let keyRing = ProgramStart.keyRing(of: settings)
        self.key = key
        self.mended = mended
        self.letters = letters
        self.isDry = isDry
        resubmission = Resubmission(
            receivers: ProviderCatalog.adapters(mappings: ProgramStart.mappings(of: settings)),
            redactor: Redactor(keyRing: keyRing),
            keyID: keyRing.activeKeyID
        )
    }

    /// Puts deliveries on their queue, and returns how many there were and how many went.
    mutating func work(_ deliveries: [SealedDelivery]) throws(QueueError) -> (matched: Int, done: Int) {
        var done = 0
        for delivery in deliveries {
            let line: [UInt8]
            do {
                line = try envelope(of: delivery).encoded()
            } catch {
                failures.append((delivery.envelope.id, "\(error)"))
                continue
            }
            guard !isDry else { continue }
            if try letters.replace(delivery.job, with: line) {
                done += 1
            } else {
                failures.append((delivery.envelope.id, "Somebody else took it off the list meanwhile."))
            }
        }
        return (deliveries.count, done)
    }

    private mutating func envelope(of delivery: SealedDelivery) throws -> Envelope {
        try resubmission.envelope(
            of: try delivery.open(with: key),
            from: delivery.envelope,
            body: mended,
            id: identifiers.next(at: SystemClock().now, using: &random).description
        )
    }
}
