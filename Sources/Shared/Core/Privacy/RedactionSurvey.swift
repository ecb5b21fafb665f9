/// Which unlisted paths the sampled documents had, by source: what `growthctl redaction report` tells.
///
/// Bounded: so many rows per source, each of a bounded path. What finds no room is counted as a whole.
public struct RedactionSurvey: Sendable {
    /// The most rows per source.
    public static let maximumRows = 512

    /// One row.
    public struct Row: Hashable, Sendable {
        /// The source that the request's path named; empty for routes without one.
        public let account: String
        /// The version of the policy.
        public let policy: Int
        /// Path and kind.
        public let path: UnlistedPath

        /// Creates a row.
        public init(account: String, policy: Int, path: UnlistedPath) {
            self.account = account
            self.policy = policy
            self.path = path
        }
    }

    /// The rows of one source.
    public struct Page: Sendable {
        /// Documents that were looked at.
        public var documents = 0
        /// Values at paths that found no room.
        public var others = 0
        /// Values by row.
        public var rows: [Row: Int] = [:]

        /// Creates an empty page.
        public init() {}
    }

    private var pages: [SourceID: Page] = [:]
    private var changed: Set<SourceID> = []

    /// Creates an empty survey.
    public init() {}

    /// Adds what one document showed.
    public mutating func add(
        _ paths: [UnlistedPath: Int],
        policy: Int,
        source: SourceID,
        account: String
    ) {
        var page = pages[source] ?? Page()
        page.documents += 1
        // In a fixed order, so that the same documents find room for the same rows.
        let sorted = paths.sorted {
            ($0.key.path, $0.key.kind.rawValue) < ($1.key.path, $1.key.kind.rawValue)
        }
        for (path, count) in sorted {
            let row = Row(account: account, policy: policy, path: path)
            if page.rows[row] == nil, page.rows.count >= Self.maximumRows {
                page.others += count
            } else {
                page.rows[row, default: 0] += count
            }
        }
        pages[source] = page
        changed.insert(source)
    }

    /// Returns the pages that changed since the last call, by source.
    public mutating func takeChanged() -> [(source: SourceID, page: Page)] {
        let sources = changed.sorted()
        changed.removeAll()
        return sources.compactMap { source in pages[source].map { (source, $0) } }
    }
}

extension RedactionSurvey.Page {
    /// The page as one line of JSON: `{"v":1,"at","documents","others","rows":[{"account","path","kind",
    /// "policy","count"}]}`, the most frequent row first.
    public func encoded(at now: Timestamp) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + rows.count * 96)
        let sorted = rows.sorted {
            ($1.value, $0.key.path.path, $0.key.path.kind.rawValue, $0.key.account)
                < ($0.value, $1.key.path.path, $1.key.path.kind.rawValue, $1.key.account)
        }
        writer.object { writer in
            writer.key("v")
            writer.append(int: 1)
            writer.key("at")
            writer.append(string: now.description)
            writer.key("documents")
            writer.append(int: documents)
            writer.key("others")
            writer.append(int: others)
            writer.key("rows")
            writer.array { writer in
                for (row, count) in sorted { write(row, count, to: &writer) }
            }
        }
        return writer.bytes
    }

    private func write(_ row: RedactionSurvey.Row, _ count: Int, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("account")
            writer.append(string: row.account)
            writer.key("path")
            writer.append(string: row.path.path)
            writer.key("kind")
            writer.append(string: row.path.kind.rawValue)
            writer.key("policy")
            writer.append(int: row.policy)
            writer.key("count")
            writer.append(int: count)
        }
    }

    /// Reads what ``encoded(at:)`` wrote; nil when the bytes are nothing of the kind.
    public init?(decoding line: [UInt8]) {
        guard let root = try? JSONDocument(line).root, root["v"].int64 == 1,
            let documents = root["documents"].int64.flatMap({ Int(exactly: $0) }),
            let others = root["others"].int64.flatMap({ Int(exactly: $0) })
        else { return nil }
        self.init()
        self.documents = documents
        self.others = others
        for element in root["rows"].elements.prefix(RedactionSurvey.maximumRows) {
            guard let account = element["account"].string, let path = element["path"].string,
                let kind = element["kind"].string.flatMap(UnlistedPath.Kind.init(rawValue:)),
                let policy = element["policy"].int64.flatMap({ Int(exactly: $0) }),
                let count = element["count"].int64.flatMap({ Int(exactly: $0) })
            else { continue }
            let row = RedactionSurvey.Row(
                account: account,
                policy: policy,
                path: UnlistedPath(path: path, kind: kind)
            )
            rows[row] = count
        }
    }

    /// Adds another intake's page of the same source; sums that do not fit stay at the maximum.
    public mutating func add(_ other: Self) {
        func sum(_ first: Int, _ second: Int) -> Int {
            let (sum, overflows) = first.addingReportingOverflow(second)
            return overflows ? .max : sum
        }
        documents = sum(documents, other.documents)
        others = sum(others, other.others)
        for (row, count) in other.rows { rows[row] = sum(rows[row] ?? 0, count) }
    }
}
