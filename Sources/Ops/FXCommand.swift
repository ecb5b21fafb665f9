import ArgumentParser
import Foundation
import Shared
import SharedRuntime
import SharedStore

/// Exchange rates.
struct FXCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fx",
        abstract: "Imports dated exchange rates into the base currency.",
        subcommands: [Import.self]
    )

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Imports a CSV file and computes the days anew that it reaches.",
            discussion: """
                The file has the columns base,quote,date,rate with a header line: one unit of quote costs rate
                units of base, from that day until the next one that has a rate. Example:

                  base,quote,date,rate
                  TRY,USD,2026-11-23,42.1875
                """
        )

        @Argument(help: "The CSV file.") var file: String
        @Option(help: "Who published the rates.") var provider = "csv"
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                ProgramStart.refuse("The file \(file) can't be read.", code: ProgramStart.exitUsage)
            }
            try Ops.run { settings in
                let rates = try RateFile.rates(
                    in: String(decoding: data, as: UTF8.self),
                    base: settings.baseCurrency
                )
                let store = try Ops.store(settings)
                let days = try store.importRates(rates, provider: provider, at: SystemClock().now)
                output.say(
                    "\(rates.count) rates are stored; \(days.count) days changed.",
                    [("rates", .number(rates.count)), ("days", .number(days.count))]
                )
            }
        }
    }
}
