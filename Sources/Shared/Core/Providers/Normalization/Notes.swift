/// What is odd about a message, collected for its inbox row.
struct Notes {
    private var sentences: [String] = []

    /// Adds a sentence; nil and repetitions add nothing.
    mutating func add(_ sentence: String?) {
        guard let sentence, !sentences.contains(sentence) else { return }
        sentences.append(sentence)
    }

    /// All sentences; nil when there are none.
    var text: String? {
        sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }
}
