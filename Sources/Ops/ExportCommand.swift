import ArgumentParser
import Foundation
import Shared
import SharedStore

/// The ledger, the orders or the daily sums as a file.
struct ExportCommand: ParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv
        case jsonl
    }

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case ledger
        case orders
        case daily
        case restatements

        var query: ExportQuery.Subject {
            switch self {
            case .ledger: .ledger
            case .orders: .orders
            case .daily: .daily
            case .restatements: .restatements
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes the ledger, orders, daily sums or restatements to standard output.",
        discussion: """
            Amounts stand twice: in minor units, and as a decimal number. CSV is RFC 4180 in UTF-8, and no \
            cell can become a formula of a spreadsheet. Orders go by the business day on which they count. \
            A restatement's source is * where it is about all of them. Nothing that names a customer is \
            exported, except the pseudonym with --with-customer-hash.

            EXAMPLES:
              growthctl export ledger --from 2026-11-01 --to 2026-11-30 > november.csv
              growthctl export orders --format jsonl --source generic | jq .total
            """
    )

    @Argument(help: "What: ledger, orders, daily or restatements.") var subject: Subject
    @Option(help: "csv, or jsonl: one JSON object a line.") var format = Format.csv
    @Option(help: "The first business day.") var from: String?
    @Option(help: "The last business day.") var to: String?
    @Option(help: "One source; all without it.", completion: Ops.sourceCompletion) var source: String?
    @Option(help: "One currency; all without it.") var currency: String?
    @Flag(help: "Orders with their customer's pseudonym, which is personal data.") var withCustomerHash =
        false
    @Flag(help: "The same as --format jsonl, as one array.") var json = false

    func validate() throws {
        guard subject == .orders || !withCustomerHash else {
            throw ValidationError("--with-customer-hash goes with orders alone.")
        }
    }

    func run() throws {
        var query = ExportQuery(subject.query, from: try Moment.day(from), to: try Moment.day(to))
        if let from = query.from, let to = query.to, from > to {
            throw ValidationError("--from must not lie after --to.")
        }
        query.source = try source.map { try Ops.source($0) }
        query.currency = try currency.map { text throws(ValidationError) in
            guard let currency = Currency(text) else {
                throw ValidationError("A currency is three letters, such as TRY.")
            }
            return currency
        }
        query.hasCustomers = withCustomerHash
        try Ops.run { settings in
            let store = try Ops.store(settings, access: .reports)
            var writer = ExportWriter(columns: query.columns, style: json ? .array : .init(format))
            writer.begin()
            try store.export(query) { try writer.write($0) }
            try writer.end()
        }
    }
}

/// Writes rows to standard output through a buffer.
struct ExportWriter {
    enum Style {
        case csv
        case lines
        case array

        init(_ format: ExportCommand.Format) {
            self = format == .csv ? .csv : .lines
        }
    }

    private static let bufferBytes = 64 * 1024
    private let columns: [String]
    private let style: Style
    private var buffer: [UInt8] = []
    private var rows = 0

    init(columns: [String], style: Style) {
        self.columns = columns
        self.style = style
    }

    mutating func begin() {
        switch style {
        case .csv: buffer += Array((columns.joined(separator: ",") + "\r\n").utf8)
        case .lines: break
        case .array: buffer.append(UInt8(ascii: "["))
        }
    }

    mutating func write(_ row: [ExportValue]) throws {
        switch style {
        case .csv: buffer += Array((row.map(Self.cell).joined(separator: ",") + "\r\n").utf8)
        case .lines: buffer += object(row) + [UInt8(ascii: "\n")]
        case .array: buffer += (rows == 0 ? [] : [UInt8(ascii: ",")]) + object(row)
        }
        rows += 1
        if buffer.count > Self.bufferBytes { try flush() }
    }

    mutating func end() throws {
        if style == .array { buffer += Array("]\n".utf8) }
        try flush()
    }

    private mutating func flush() throws {
        try FileHandle.standardOutput.write(contentsOf: Data(buffer))
        buffer.removeAll(keepingCapacity: true)
    }

    private static func cell(_ value: ExportValue) -> String {
        switch value {
        case .none: ""
        case .text(let text): CSV.text(text)
        case .integer(let number): "\(number)"
        case .decimal(let text): text
        case .flag(let flag): flag ? "yes" : "no"
        }
    }

    private func object(_ row: [ExportValue]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            for (column, value) in zip(columns, row) {
                writer.key(column)
                switch value {
                case .none: writer.appendNull()
                case .text(let text), .decimal(let text): writer.append(string: text[...])
                case .integer(let number): writer.append(int: number)
                case .flag(let flag): writer.append(bool: flag)
                }
            }
        }
        return writer.bytes
    }
}
