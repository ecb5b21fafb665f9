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

                EXAMPLES:
                  growthctl fx import rates.csv --provider tcmb
                  growthctl fx import eurofxref-hist.xml --from 2026-01-01
                """
        )

        @Argument(help: "The CSV or XML file.") var file: String
        @Option(help: "Who published the rates; csv, or ecb for XML, without it.") var provider: String?
        @Option(help: "Only rates from this day on.") var from: String?
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
                let store = try Ops.store(settings)
                let days = try store.importRates(
                    rates,
                    provider: provider ?? (isXML ? "ecb" : "csv"),
                    at: SystemClock().now
                )
                let gaps = skipped > 0 ? " \(skipped) days without a price of \(base) were left out." : ""
                output.say(
                    "\(rates.count) rates are stored; \(days.count) days changed.\(gaps)",
                    [
                        ("rates", .number(rates.count)), ("days", .number(days.count)),
                        ("skipped_days", .number(skipped)),
                    ]
                )
            }
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
