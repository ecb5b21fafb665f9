import ArgumentParser
import Shared

/// Options that every command takes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, one document.")
    var json = false

    /// Prints what was done: a sentence, or an object of the fields.
    func say(_ sentence: String, _ fields: [(key: String, value: Table.Cell)]) {
        guard json else { return print(sentence) }
        var writer = JSONWriter()
        writer.object { writer in
            for (key, value) in fields {
                writer.key(key)
                writer.append(value)
            }
        }
        print(String(decoding: writer.bytes, as: UTF8.self))
    }

    /// Prints tables one below the other, or one object with an array for each name.
    func show(_ tables: [(name: String, table: Table)]) {
        guard json else {
            let texts = tables.map { $0.table.shown() }
            return print(texts.joined(separator: "\n\n"))
        }
        let members = tables.map { "\"\($0.name)\":\($0.table.json())" }
        print("{\(members.joined(separator: ","))}")
    }

    /// Prints documents, one a line, or all in one array, with escapes of what a terminal would obey.
    ///
    /// - Parameter next: Reads the next page of them, which is printed before it is called again; an empty
    ///   one is the last.
    /// - Throws: What it throws.
    func show(pages next: () throws -> [[UInt8]]) throws {
        var count = 0
        while true {
            let lines = try next().map { Table.escaped(String(decoding: $0, as: UTF8.self)) }
            if json, count == 0 { print("[", terminator: "") }
            if lines.isEmpty { break }
            if json {
                print((count == 0 ? "" : ",") + lines.joined(separator: ","), terminator: "")
            } else {
                for line in lines { print(line) }
            }
            count += lines.count
        }
        if json { print("]") }
    }
}

extension JSONWriter {
    /// Writes a cell.
    mutating func append(_ cell: Table.Cell) {
        switch cell {
        case .text(let text), .prose(let text): append(string: text)
        case .number(let number), .bytes(let number), .seconds(let number): append(int: number)
        case .flag(let flag): append(bool: flag)
        case .amount(let minor, let exponent): append(string: CSV.decimal(minor, exponent: exponent)[...])
        case .none: appendNull()
        case .marked(let cell, _): append(cell)
        }
    }
}
