import Shared

/// Rows under a header, aligned for a terminal or as JSON.
struct Table {
    /// A cell: text to the left, numbers to the right.
    enum Cell {
        case text(String)
        /// Text that people read and nobody copies: where a row is too wide for a terminal, it is shortened.
        case prose(String)
        case number(Int)
        case flag(Bool)
        /// Bytes: `42.2M` for people, a number in JSON.
        case bytes(Int)
        /// Seconds: `1h 20m` for people, a number in JSON.
        case seconds(Int)
        /// Minor units with the exponent of their currency: `12.50`, also in JSON, as text.
        case amount(Int64, Int)
        case none
        /// A cell that stands out on a terminal.
        indirect case marked(Cell, Terminal.Mark)

        /// The cell, standing out when it is alarming.
        func marked(_ mark: Terminal.Mark, if isAlarming: Bool) -> Cell {
            isAlarming ? .marked(self, mark) : self
        }
    }

    /// A cell as it is drawn.
    private struct Drawn {
        var text: String
        var width: Int
        var isNumber = false
        var isProse = false
        var mark: Terminal.Mark?

        init(_ text: String, isNumber: Bool = false) {
            self.text = text
            self.isNumber = isNumber
            width = DisplayWidth.of(text)
        }

        init(_ cell: Cell) {
            switch cell {
            case .text(let text): self.init(Table.printable(text))
            case .prose(let text):
                self.init(Table.printable(text))
                isProse = true
            case .number(let number): self.init(String(number), isNumber: true)
            case .flag(let flag): self.init(flag ? "yes" : "no")
            case .bytes(let bytes): self.init(Table.text(bytes: bytes), isNumber: true)
            case .seconds(let seconds): self.init(Table.text(seconds: seconds), isNumber: true)
            case .amount(let minor, let exponent):
                self.init(CSV.decimal(minor, exponent: exponent), isNumber: true)
            case .none: self.init("-")
            case .marked(let cell, let mark):
                self.init(cell)
                self.mark = mark
            }
        }

        /// The cell in a column of so many cells.
        func fitting(_ cells: Int) -> Drawn {
            guard isProse, width > cells else { return self }
            var shorter = Drawn(DisplayWidth.shortened(text, cells: cells))
            (shorter.isProse, shorter.mark) = (true, mark)
            return shorter
        }
    }

    /// To less than this no column of prose is shortened.
    private static let leastWidth = 8

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
        return Self.escaped(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Returns the rows as aligned lines under their header.
    ///
    /// - Parameters:
    ///   - hasColor: Whether cells that stand out are coloured.
    ///   - room: The cells of a line into which prose is shortened; what can't be, may take more.
    ///   - limit: The most cells of a line that are used; the last column is cut off there.
    /// - Returns: The lines, without a line break at the end.
    func text(hasColor: Bool = false, fitting room: Int = .max, limit: Int = .max) -> String {
        let header = columns.map { Drawn(Self.heading($0)) }
        let whole = rows.map { row in row.map { Drawn($0) } }
        let widths = Self.widths([header] + whole, fitting: room)
        let cells = whole.map { row in zip(row, widths).map { $0.fitting($1) } }
        func line(_ row: [Drawn], mark: Terminal.Mark? = nil) -> String {
            var line = ""
            var used = 0
            for (index, cell) in row.enumerated() {
                let gap = index == 0 ? 0 : 2
                guard used + gap < limit else { break }
                let padding = String(repeating: " ", count: widths[index] - cell.width)
                let isLast = index == row.count - 1
                let before = String(repeating: " ", count: gap) + (cell.isNumber ? padding : "")
                let room = limit - used - before.count
                let text = DisplayWidth.prefix(cell.text, cells: max(0, room))
                let isMarked = hasColor ? mark ?? cell.mark : nil
                line += before + (isMarked?.paint(text) ?? text) + (cell.isNumber || isLast ? "" : padding)
                used += gap + widths[index]
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
        return ([line(header, mark: .bold)] + cells.map { line($0) }).joined(separator: "\n")
    }

    /// The table without the columns that have to give way, in this order, for a line of so many cells.
    ///
    /// Columns that hold nothing but zeros give way first.
    func narrowed(to room: Int, without names: [String]) -> (table: Table, hidden: [String]) {
        var (table, hidden) = (self, [String]())
        let order = names.filter(isEmpty) + names.filter { !isEmpty($0) }
        for name in order where !table.fits(room) {
            guard let index = table.columns.firstIndex(of: name) else { continue }
            var columns = table.columns
            columns.remove(at: index)
            let rows = table.rows.map { row in row.enumerated().filter { $0.offset != index }.map(\.element) }
            table = Table(columns: columns, rows: rows)
            hidden.append(name)
        }
        return (table, hidden)
    }

    /// Whether a column holds nothing that stands out.
    private func isEmpty(_ name: String) -> Bool {
        guard let index = columns.firstIndex(of: name) else { return true }
        return rows.allSatisfy { row in
            switch row[index] {
            case .none, .number(0): true
            default: false
            }
        }
    }

    private func fits(_ room: Int) -> Bool {
        let lines = [columns.map { Drawn(Self.heading($0)) }] + rows.map { row in row.map { Drawn($0) } }
        return Self.widths(lines, fitting: room).reduce(-2) { $0 + $1 + 2 } <= room
    }

    /// The widths of the columns; while a line is too wide, the widest column of prose gives way.
    private static func widths(_ lines: [[Drawn]], fitting room: Int) -> [Int] {
        let columns = lines[0].indices.map { index in lines.map { $0[index] } }
        var widths = columns.map { $0.map(\.width).max() ?? 0 }
        let least = zip(columns, widths).map { column, width in
            let whole = column.lazy.filter { !$0.isProse }.map(\.width).max() ?? 0
            return min(width, max(whole, leastWidth))
        }
        var excess = widths.reduce(-2) { $0 + $1 + 2 } - room
        while excess > 0 {
            let shrinking = widths.indices.filter { widths[$0] > least[$0] }
            guard let widest = shrinking.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    /// Bytes with the largest unit that leaves a whole number before the point, such as `42.2M`.
    static func text(bytes: Int) -> String {
        var value = Double(bytes)
        var unit = ""
        for next in ["K", "M", "G", "T"] where value >= 1024 {
            value /= 1024
            unit = next
        }
        guard !unit.isEmpty else { return String(bytes) }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)\(unit)"
    }

    /// Seconds in their two largest units, such as `1h 20m`.
    static func text(seconds: Int) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
        ]
        guard let first = parts.firstIndex(where: { $0.0 > 0 }) else { return "0s" }
        return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    /// The heading of a column: its name without the unit that people's texts bear themselves.
    private static func heading(_ column: String) -> String {
        var name = column.replacing("_seconds_ago", with: "_ago")
        for unit in ["_bytes", "_seconds"] where name.hasSuffix(unit) { name.removeLast(unit.count) }
        return name.uppercased()
    }

    /// A line of JSON with the escapes of what a terminal would obey, which mean the same.
    static func escaped(_ line: String) -> String {
        line.unicodeScalars.reduce(into: "") { text, scalar in
            guard isObeyed(scalar) else { return text.unicodeScalars.append(scalar) }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// The text without what a terminal would obey: messages are written by strangers.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { isObeyed($0) ? "?" : $0 }
            )
        )
    }

    /// Returns the rows as text for standard output.
    func shown() -> String {
        text(hasColor: Terminal.hasColor, fitting: Terminal.columns ?? .max)
    }

    /// Prints the rows in the form that was asked for.
    func print(_ output: OutputOptions) {
        Swift.print(output.json ? json() : shown())
    }
}
