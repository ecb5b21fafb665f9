/// Writes the paths of a ``FieldPolicy`` as data.
enum PolicyPaths {
    /// The words of a text, each of them a path.
    static func list(_ words: String) -> [String] {
        words.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Every path behind every prefix; the empty prefix leaves a path as it is.
    static func under(_ prefixes: [String], _ paths: [String]) -> [String] {
        prefixes.flatMap { prefix in paths.map { prefix.isEmpty ? $0 : "\(prefix).\($0)" } }
    }

    /// Every path behind one prefix.
    static func under(_ prefix: String, _ paths: [String]) -> [String] {
        under([prefix], paths)
    }
}

extension FieldPolicy {
    /// The identities at paths, the most telling first: e-mail before phone before the provider's customer
    /// id.
    static func identities(
        emails: [String] = [],
        phones: [String] = [],
        customerIDs: [String] = []
    ) -> [(path: String, identity: Identity)] {
        emails.map { ($0, .email) } + phones.map { ($0, .phone) } + customerIDs.map { ($0, .customerID) }
    }
}

extension [String?] {
    /// The captured text at an index; nil where there is none, also when nothing was captured at all.
    func text(at index: Int) -> String? {
        indices.contains(index) ? self[index] : nil
    }
}
