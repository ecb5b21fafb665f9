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

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file) else {
                ProgramStart.refuse("The file \(file) can't be read.", code: 64)
            }
            try Ops.run { settings in
                let rates = try RateFile.rates(
                    in: String(decoding: data, as: UTF8.self),
                    base: settings.baseCurrency
                )
                let store = try Ops.store(settings)
                let days = try store.importRates(rates, provider: provider, at: SystemClock().now)
                print("\(rates.count) rates are stored; \(days.count) days were computed anew.")
            }
        }
    }
}

/// Reads the CSV form of exchange rates.
enum RateFile {
    /// Returns the rates of a file.
    ///
    /// - Throws: A message that names the first wrong line.
    static func rates(in text: String, base: Currency) throws -> [DatedRate] {
        var rates: [DatedRate] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            if line.allSatisfy(\.isWhitespace) || (index == 0 && fields.first == "base") { continue }
            guard fields.count == 4, let rateBase = Currency(fields[0]), let quote = Currency(fields[1]),
                let date = BusinessDate(fields[2])
            else { throw ValidationError("Line \(index + 1) is not base,quote,date,rate.") }
            guard rateBase == base else {
                throw ValidationError("Line \(index + 1) is not a rate into \(base), the base currency.")
            }
            rates.append(DatedRate(currency: quote, date: date, rate: fields[3]))
        }
        return rates
    }
}
