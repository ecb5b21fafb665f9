import ArgumentParser
import Foundation
import Shared
import SharedRuntime
import SharedStore

/// Exchange rates.
struct FXCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fx",
        abstract: "Imports and lists dated exchange rates into the base currency.",
        subcommands: [Import.self, List.self]
    )

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Imports a CSV file, or the ECB's XML, and computes the days anew that it reaches.",
            discussion: """
                The CSV has the columns base,quote,date,rate with a header line: one unit of quote costs rate
                units of base, from that day until the next one that has a rate. Example:

                  base,quote,date,rate
                  TRY,USD,2026-11-23,42.1875

                The XML is that of the European Central Bank (eurofxref-daily.xml, eurofxref-hist.xml). A rate
                into another base currency than the euro is the exact quotient of two of its prices; days on
                which it has no price of the base currency are left out.

                A rate that is more than five times, or less than a fifth of, the stored one next to it in
                time (within 90 days) or the one before it in the file is refused, since one of the two is
                most likely turned over.

                EXAMPLES:
                  growthctl fx import rates.csv --provider tcmb
                  growthctl fx import eurofxref-hist.xml --from 2026-01-01
                """
        )

        @Argument(help: "The CSV or XML file.") var file: String
        @Option(help: "Who published the rates; csv, or ecb for XML, without it.") var provider: String?
        @Option(help: "Only rates from this day on.") var from: String?
        @Flag(help: "Store rates as well that are far from those next to them in time.") var force = false
        @Flag(help: "Read and check the file, and store nothing.") var dryRun = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let first = try Moment.day(from)
            guard let data = FileManager.default.contents(atPath: file) else {
                ProgramStart.refuse("The file \(file) can't be read.", code: ProgramStart.exitUsage)
            }
            let isXML = RateFile.isXML(data)
            try Ops.run { settings in
                let base = settings.baseCurrency
                let (rates, skipped) =
                    isXML
                    ? try RateFile.rates(inXML: data, base: base, from: first)
                    : (
                        try RateFile.rates(in: String(decoding: data, as: UTF8.self), base: base)
                            .filter { rate in first.map { rate.date >= $0 } ?? true }, 0
                    )
                let isNew = !FileManager.default.fileExists(atPath: settings.databasePath)
                let store = try Ops.store(settings, access: dryRun ? .reports : .full)
                if isNew {
                    let path = Ops.absolute(settings.databasePath)
                    StandardError.print("There was no database yet; made \(path).")
                }
                if !force {
                    try RateFile.refuseLeaps(rates) { currency in
                        try store.rates(of: currency, limit: .max).map(\.rate)
                    }
                }
                let days =
                    dryRun
                    ? []
                    : try store.importRates(
                        rates,
                        provider: provider ?? (isXML ? "ecb" : "csv"),
                        at: SystemClock().now
                    )
                say(rates: rates.count, days: days.count, skipped: skipped, base: base)
            }
        }

        private func say(rates: Int, days: Int, skipped: Int, base: Currency) {
            let (left, changed) = (skipped.counted("day", "days"), days.counted("day", "days"))
            let were = skipped == 1 ? "was" : "were"
            let gaps = skipped > 0 ? " \(left) without a price of \(base) \(were) left out." : ""
            let stored = rates.counted("rate", "rates")
            output.say(
                dryRun
                    ? "\(stored) can be stored; nothing was.\(gaps)"
                    : "\(stored) \(rates == 1 ? "is" : "are") stored; \(changed) changed.\(gaps)",
                [
                    ("rates", .number(rates)), ("days", .number(days)), ("skipped_days", .number(skipped)),
                    ("dry_run", .flag(dryRun)),
                ]
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the rates, the newest first.",
            discussion: "EXAMPLES:\n  growthctl fx list --currency USD"
        )

        @Option(help: "One currency; all without it.") var currency: String?
        @Option(help: "The most rates, 1 to 100000.") var limit = 50
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else {
                throw ValidationError("--limit must lie between 1 and 100000.")
            }
        }

        func run() throws {
            let currency = try currency.map { text throws(ValidationError) in
                guard let currency = Currency(text) else {
                    throw ValidationError("A currency is three letters, such as USD.")
                }
                return currency
            }
            try Ops.run { settings in
                let store = try Ops.store(settings, access: .reports)
                var table = Table(columns: ["date", "quote", "base", "rate", "provider"])
                table.rows = try store.rates(of: currency, limit: limit).map { rate, provider in
                    [
                        .text("\(rate.date)"), .text(rate.currency.code),
                        .text(settings.baseCurrency.code), .text(rate.rate), .text(provider),
                    ]
                }
                table.print(output)
            }
        }
    }
}
