extension JSONWriter {
    /// Writes lines as `[["product","variant",units,amount]]`; nothing for none.
    mutating func lines(_ lines: [LineState]) {
        guard !lines.isEmpty else { return }
        key("lines")
        array { json in
            for line in lines {
                json.array { json in
                    json.append(string: line.productID[...])
                    json.append(string: line.variantID[...])
                    json.append(int: line.units)
                    json.append(int: line.amount)
                }
            }
        }
    }
}

extension LineState {
    /// Reads one element of the stored form; nil when it is none.
    init?(_ value: JSONValue) {
        let parts = Array(value.elements)
        guard parts.count == 4, let productID = parts[0].string, let variantID = parts[1].string,
            let units = parts[2].int64, let amount = parts[3].int64
        else { return nil }
        self.init(productID: productID, variantID: variantID, units: units, amount: amount)
    }
}
