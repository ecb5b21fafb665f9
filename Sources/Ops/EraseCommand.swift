import ArgumentParser
import Foundation
import Shared
import SharedRedis
import SharedRuntime
import SharedStore

/// The erasure of one customer, asked for by hand.
struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erases what is held on a customer: bodies, pseudonyms, jobs; amounts stay.",
        discussion: """
            Name every identity that is known of the customer, each any number of times. A - reads one \
            value a line from standard input, so that no shell keeps it. Pseudonyms are computed under \
            every key of the ring. Backups and sealed bodies are out of reach; what leaves the disk spool \
            or a worker's hands later is stripped when it is stored.

            EXAMPLES:
              growthctl erase --email - --dry-run
              growthctl erase --email - --customer generic:shop:191167 < addresses
            """
    )

    @Option(help: "An e-mail address, or - for standard input.") var email: [String] = []
    @Option(help: "A phone number, or - for standard input.") var phone: [String] = []
    @Option(help: "A customer's id as SOURCE:ID, or SOURCE:ACCOUNT:ID where the account is known.")
    var customer: [String] = []
    @Flag(help: "Count what would be erased, and do nothing.") var dryRun = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !email.isEmpty || !phone.isEmpty || !customer.isEmpty else {
            throw ValidationError("Name the customer by --email, --phone or --customer.")
        }
        guard (email + phone + customer).count(where: { $0 == "-" }) < 2 else {
            throw ValidationError("Only one option can read standard input.")
        }
    }

    func run() throws {
        try Ops.run { settings in
            let store = try Ops.store(settings, access: dryRun ? .reports : .existing)
            let (customers, sources) = try pseudonyms(
                ProgramStart.keyRing(of: settings),
                accounts: store.accounts()
            )
            let subject = ErasureSubject(customers: customers)
            guard !subject.customers.isEmpty else {
                throw ValidationError("None of the values names a customer.")
            }
            // Before anything is erased: where there is no Redis to be tried, the command ends here.
            let client = Ops.redis(settings)
            let now = SystemClock().now
            let report = try store.erase(subject, by: "growthctl", isDry: dryRun, at: now)
            var jobs = RedisErasure.Report()
            var failure: (any Error)?
            for source in sources {
                do {
                    let found = try RedisErasure(source: source, client: client)
                        .remove(subject.customers, isDry: dryRun)
                    jobs.waiting += found.waiting
                    jobs.dead += found.dead
                    jobs.quarantined += found.quarantined
                } catch {
                    // A broken key of one source holds up no other; the command may be repeated.
                    failure = failure ?? error
                }
            }
            say(report, jobs, settings)
            if let failure { throw failure }
        }
    }

    private func say(_ report: ErasureReport, _ jobs: RedisErasure.Report, _ settings: Settings) {
        output.say(
            """
            \(dryRun ? "Would erase" : "Erased"): \(report.orders.counted("order", "orders")), \
            \(report.deliveries.counted("delivery", "deliveries")), \
            \(jobs.waiting.counted("waiting job", "waiting jobs")), \
            \(jobs.dead.counted("dead letter", "dead letters")), \(jobs.quarantined) in quarantine. \
            Amounts stay.
            Out of reach: backups (docs/backup.md says how a restore repeats this), sealed bodies \
            (growthctl sealed list), and the other systems that got the data.
            """,
            [
                ("dry_run", .flag(dryRun)), ("orders", .number(report.orders)),
                ("deliveries", .number(report.deliveries)), ("waiting", .number(jobs.waiting)),
                ("dead", .number(jobs.dead)), ("quarantined", .number(jobs.quarantined)),
            ]
        )
    }

    /// The pseudonyms of everything that is named, and the sources whose jobs can bear one of them; a
    /// customer's id without its account, in every account.
    private func pseudonyms(
        _ ring: PseudonymKeyRing,
        accounts: [AccountKey]
    ) throws -> (customers: Set<String>, sources: [SourceID]) {
        var found: Set<String> = []
        for (values, identity) in [(email, FieldPolicy.Identity.email), (phone, .phone)] {
            // Neither source nor account is part of an address' pseudonym.
            for value in read(values) {
                guard identity != .email || Self.isAddress(value) else {
                    throw ValidationError("A value of --email is no address such as name@example.com.")
                }
                found.formUnion(
                    ring.pseudonyms(
                        of: value,
                        identity: identity,
                        source: SourceID(literal: "generic"),
                        account: ""
                    )
                )
            }
        }
        // An address may be in any source, a customer's id in its own alone.
        let isAnywhere = !found.isEmpty
        var owning: Set<SourceID> = []
        for value in read(customer) {
            let parts = value.split(separator: ":", maxSplits: 2).map(String.init)
            guard parts.count >= 2 else {
                throw ValidationError("A customer is SOURCE:ID or SOURCE:ACCOUNT:ID.")
            }
            let source = try Ops.source(parts[0])
            owning.insert(source)
            let owners =
                parts.count == 3
                ? [parts[1]] : accounts.filter { $0.source == source }.map(\.account) + [""]
            for account in owners {
                found.formUnion(
                    ring.pseudonyms(
                        of: parts[parts.count - 1],
                        identity: .customerID,
                        source: source,
                        account: account
                    )
                )
            }
        }
        return (found, try Ops.sources(nil).filter { isAnywhere || owning.contains($0) })
    }

    /// Whether a text may be an e-mail address: what is none would erase nothing, unnoticed.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy { !$0.isEmpty } && !text.contains(where: \.isWhitespace)
    }

    private func read(_ values: [String]) -> [String] {
        values.flatMap { value in
            guard value == "-" else { return [value] }
            var lines: [String] = []
            while let line = readLine() {
                let text = line.trimmingCharacters(in: .whitespaces)
                if !text.isEmpty { lines.append(text) }
            }
            return lines
        }
    }
}
