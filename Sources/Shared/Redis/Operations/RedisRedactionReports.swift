public import Shared

/// What intakes publish about unlisted paths, and how it is read again.
public final class RedisRedactionReports {
    /// For how long a page stands without a further one of its intake, in seconds.
    public static let pageSeconds = 86_400

    private let client: any RedisCommanding

    /// Creates a reader over a connection.
    public init(client: any RedisCommanding) {
        self.client = client
    }

    /// The commands with which an intake publishes the page of a source in place of its last one.
    ///
    /// - Parameters:
    ///   - page: The page as one line of JSON.
    ///   - source: The source.
    ///   - intake: The intake's name, unique among running ones.
    /// - Returns: Three commands, whose replies say nothing of interest.
    public static func publish(_ page: [UInt8], of source: SourceID, by intake: String) -> [RedisCommand] {
        let keys = RedisKeys(source: source)
        var set = RedisCommand("SET", keys.redaction(intake: intake))
        set.append([page])
        set.append("EX")
        set.append("\(pageSeconds)")
        return [
            set, RedisCommand("SADD", keys.redactions, intake),
            RedisCommand("EXPIRE", keys.redactions, "\(pageSeconds)"),
        ]
    }

    /// The page of a source, added up over all intakes; those whose page is gone are taken off the list.
    ///
    /// - Parameter source: The source.
    /// - Returns: The page; an empty one when no intake has published any.
    /// - Throws: ``QueueError``.
    public func page(of source: SourceID) throws(QueueError) -> RedactionSurvey.Page {
        let keys = RedisKeys(source: source)
        let reply = try client.send(RedisCommand("SMEMBERS", keys.redactions))
        let intakes = (reply.elements ?? []).compactMap(\.text).sorted()
        let replies = try client.sendAll(intakes.map { RedisCommand("GET", keys.redaction(intake: $0)) })
        var sum = RedactionSurvey.Page()
        var gone: [String] = []
        for (intake, reply) in zip(intakes, replies) {
            guard let bytes = reply.bytes else {
                gone.append(intake)
                continue
            }
            if let page = RedactionSurvey.Page(decoding: bytes) { sum.add(page) }
        }
        if !gone.isEmpty { _ = try client.send(RedisCommand(["SREM", keys.redactions] + gone)) }
        return sum
    }
}
