/// Writes metrics in Prometheus' text format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats. Every family is written once, with
/// its help and its type, even when it has no sample yet.
public struct MetricsText: Sendable {
    /// What a family is.
    public enum Kind: String, Sendable {
        /// Only grows, and begins at 0 with the process or the keys in Redis.
        case counter
        /// Goes up and down.
        case gauge
    }

    /// The text so far; ends in a line break.
    public private(set) var text = ""

    /// Creates an empty text.
    public init() {}

    /// Writes a family of one sample without labels.
    public mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        head(name, kind.rawValue, help)
        sample(name, [], value)
    }

    /// Writes a family of one sample without labels.
    public mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        family(name, kind, help, Double(value))
    }

    /// Writes a family whose samples are told apart by the value of one label.
    public mutating func family(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        by label: String,
        _ samples: [(value: String, Double)]
    ) {
        head(name, kind.rawValue, help)
        for (value, number) in samples { sample(name, [(label, value)], number) }
    }

    /// Writes a histogram with its buckets summed up, as the format asks for.
    public mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
        head(name, "histogram", help)
        buckets(name, [], histogram)
    }

    private mutating func buckets(
        _ name: String,
        _ labels: [(name: String, value: String)],
        _ histogram: Histogram
    ) {
        var count = 0
        for (bound, bucket) in zip(histogram.bounds, histogram.counts) {
            count += bucket
            sample("\(name)_bucket", labels + [("le", Self.number(bound))], Double(count))
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        sample("\(name)_sum", labels, histogram.sum)
        sample("\(name)_count", labels, Double(histogram.count))
    }

    /// Writes a family whose samples have several labels, perhaps other ones each.
    public mutating func family(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        samples: [(labels: [(name: String, value: String)], value: Double)]
    ) {
        head(name, kind.rawValue, help)
        for (labels, value) in samples { sample(name, labels, value) }
    }

    /// Writes a family of histograms that are told apart by the value of one label.
    public mutating func histogram(
        _ name: String,
        _ help: String,
        by label: String,
        _ histograms: [(value: String, Histogram)]
    ) {
        head(name, "histogram", help)
        for (value, histogram) in histograms { buckets(name, [(label, value)], histogram) }
    }

    private mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(
        _ name: String,
        _ labels: [(name: String, value: String)],
        _ value: Double
    ) {
        text += name
        if !labels.isEmpty {
            text +=
                "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
