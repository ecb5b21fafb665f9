import Shared

/// Rows under a header, aligned for a terminal or as JSON.
struct Table {
    /// A cell: text to the left, numbers to the right.
    enum Cell {
        case text(String)
        case number(Int)
        case flag(Bool)
        case none
    }

    /// Names of the columns; also the keys of the JSON form.
    let columns: [String]
    /// The rows, each with a cell per column.
    var rows: [[Cell]] = []

    /// Returns the rows as one JSON array of objects.
    func json() -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for row in rows {
                writer.object { writer in
                    for (column, cell) in zip(columns, row) {
                        writer.key(column)
                        writer.append(cell)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Returns the rows as aligned lines under their header.
    func text() -> String {
        let cells = rows.map { row in
            row.map { cell -> (text: String, isNumber: Bool) in
                switch cell {
                case .text(let text): (Self.printable(text), false)
                case .number(let number): (String(number), true)
                case .flag(let flag): (flag ? "yes" : "no", false)
                case .none: ("-", false)
                }
            }
        }
        let widths = columns.indices.map { index in
            max(columns[index].count, cells.map { $0[index].text.count }.max() ?? 0)
        }
        func line(_ row: [(text: String, isNumber: Bool)]) -> String {
            var line = row.enumerated().map { index, cell in
                let padding = String(repeating: " ", count: widths[index] - cell.text.count)
                return cell.isNumber ? padding + cell.text : cell.text + padding
            }.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        return ([line(columns.map { ($0.uppercased(), false) })] + cells.map(line)).joined(separator: "\n")
    }

    /// The text without what a terminal would obey: messages are written by strangers.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "?"
                    default: scalar
                    }
                }
            )
        )
    }

    /// Prints the rows in the form that was asked for.
    func print(_ output: OutputOptions) {
        Swift.print(output.json ? json() : text())
    }
}
