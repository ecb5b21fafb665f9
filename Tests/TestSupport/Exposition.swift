/// Metrics in Prometheus' text format, version 0.0.4, read strictly.
///
/// Every family has its help and its type, once and in this order, in front of all its samples; no sample is
/// there twice; counters end in `_total` and none of them is negative; the buckets of a histogram ascend, are
/// cumulative and end with `+Inf`, which equals its count. Names are in base units.
public struct Exposition: Sendable {
    /// One family.
    public struct Family: Sendable, Hashable {
        /// The name.
        public let name: String
        /// What it tells.
        public let help: String
        /// `counter`, `gauge` or `histogram`.
        public let type: String
    }

    /// One sample.
    public struct Sample: Sendable {
        /// The name, with the suffix of a histogram's part.
        public let name: String
        /// The labels.
        public let labels: [String: String]
        /// The value.
        public let value: Double
    }

    /// The families in their order.
    public private(set) var families: [Family] = []
    /// The samples in their order.
    public private(set) var samples: [Sample] = []

    /// Reads a text.
    ///
    /// - Throws: An error that names the line that is not as it should be.
    public init(_ text: String) throws(TestSupportError) {
        guard text.hasSuffix("\n") else { throw TestSupportError("The text does not end with a line feed.") }
        var help: (name: String, text: String)?
        var seen: Set<String> = []
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                let words = line.dropFirst(7).split(separator: " ", maxSplits: 1)
                guard words.count == 2, help == nil else { throw Self.wrong(line, "is no help") }
                help = (String(words[0]), String(words[1]))
            } else if line.hasPrefix("# TYPE ") {
                let words = line.dropFirst(7).split(separator: " ")
                guard words.count == 2, let text = help, text.name == words[0] else {
                    throw Self.wrong(line, "does not follow its help")
                }
                try begin(Family(name: text.name, help: text.text, type: String(words[1])), line)
                help = nil
            } else {
                guard help == nil else { throw Self.wrong(line, "stands between help and type") }
                let sample = try Self.sample(line)
                try admit(sample, line)
                let key = sample.name + sample.labels.sorted { $0.key < $1.key }.description
                guard seen.insert(key).inserted else { throw Self.wrong(line, "is there twice") }
                samples.append(sample)
            }
        }
        try checkHistograms()
    }

    /// The value of the only sample with this name and these labels; nil when there is none or several.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { $0.name == name && $0.labels == labels }
        return found.count == 1 ? found[0].value : nil
    }

    /// Reads one line that is a sample.
    public static func sample(_ line: some StringProtocol) throws(TestSupportError) -> Sample {
        var rest = Substring(line)
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw wrong(line, "has no name") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                let key = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest = rest.dropFirst(key.count)
                guard !key.isEmpty, !key.hasPrefix("__"), rest.hasPrefix("=\"") else {
                    throw wrong(line, "has a label without a name")
                }
                rest = rest.dropFirst(2)
                let value = try quoted(&rest, line)
                guard labels.updateValue(value, forKey: String(key)) == nil else {
                    throw wrong(line, "has a label twice")
                }
                if rest.first == "," {
                    rest.removeFirst()
                } else if rest.first != "}" {
                    throw wrong(line, "has labels without a comma")
                }
            }
            rest.removeFirst()
        }
        // No time stamp: the scraper has a clock.
        guard rest.first == " ", let value = Double(rest.dropFirst()) else {
            throw wrong(line, "has no value, or more than one")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func quoted(
        _ rest: inout Substring,
        _ line: some StringProtocol
    ) throws(TestSupportError) -> String {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                default: throw wrong(line, "has an unknown escape")
                }
            default: value.append(character)
            }
        }
        throw wrong(line, "has a label without an end")
    }

    private mutating func begin(_ family: Family, _ line: Substring) throws(TestSupportError) {
        guard !families.contains(where: { $0.name == family.name }) else {
            throw Self.wrong(line, "begins a family again")
        }
        guard ["counter", "gauge", "histogram"].contains(family.type) else {
            throw Self.wrong(line, "has an unknown type")
        }
        guard (family.type == "counter") == family.name.hasSuffix("_total") else {
            throw Self.wrong(line, "is a counter without _total, or the other way round")
        }
        let words = family.name.split(separator: "_")
        let foreign = ["milliseconds", "ms", "microseconds", "us", "minutes", "kilobytes", "kb", "mb"]
        guard words.allSatisfy({ !foreign.contains(String($0)) }) else {
            throw Self.wrong(line, "is not in a base unit")
        }
        families.append(family)
    }

    private func admit(_ sample: Sample, _ line: Substring) throws(TestSupportError) {
        guard let family = families.last else { throw Self.wrong(line, "has no family") }
        let names =
            family.type == "histogram"
            ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.name]
        guard names.contains(sample.name) else { throw Self.wrong(line, "belongs to another family") }
        guard family.type == "gauge" || sample.value >= 0 else { throw Self.wrong(line, "is negative") }
    }

    private func checkHistograms() throws(TestSupportError) {
        for family in families where family.type == "histogram" {
            let buckets = samples.filter { $0.name == "\(family.name)_bucket" }
            let series = Dictionary(grouping: buckets) { sample in
                sample.labels.filter { $0.key != "le" }
            }
            for (labels, buckets) in series {
                let bounds = buckets.compactMap { sample in
                    sample.labels["le"].flatMap { $0 == "+Inf" ? .infinity : Double($0) }
                }
                let counts = buckets.map(\.value)
                guard bounds.count == buckets.count, bounds.last == .infinity,
                    zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
                    zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }),
                    value("\(family.name)_count", labels) == counts.last,
                    value("\(family.name)_sum", labels) != nil
                else { throw TestSupportError("The histogram \(family.name) \(labels) is none.") }
            }
            let counts = samples.count { $0.name == "\(family.name)_count" }
            guard counts == series.count else {
                throw TestSupportError("The histogram \(family.name) has a count without buckets.")
            }
        }
    }

    private static func wrong(_ line: some StringProtocol, _ what: String) -> TestSupportError {
        TestSupportError("The line `\(line)` \(what).")
    }
}
