/// A job that can never be done as it is, with the reason: one line of JSON on the dead list.
public struct DeadLetter: Sendable {
    /// The most bytes of a job that is no JSON which a dead letter quotes.
    public static let maximumQuote = 4_096

    /// The envelope's id; empty when the job is no envelope.
    public let id: String
    /// Why.
    public let reason: DeadReason
    /// How many times it had been tried before.
    public let attempt: Int
    /// The worker that gave up on it.
    public let worker: String
    /// When.
    public let at: Timestamp
    /// The job exactly as it stood on the list, or as much of it as a dead letter quotes.
    public let job: [UInt8]
    /// Whether `job` is JSON, so that it can be put back on the queue.
    public let isRetryable: Bool

    /// Creates the dead letter of a job; its id and attempt are read from the job, where it has them.
    public init(job: [UInt8], reason: DeadReason, worker: String, at: Timestamp) {
        let document = try? JSONDocument(job, limits: Envelope.limits)
        id = document?.root["id"].string ?? ""
        attempt = document?.root["attempt"].int64.flatMap { Int(exactly: $0) } ?? 0
        self.reason = reason
        self.worker = worker
        self.at = at
        // A text is no envelope, and as a member of the letter it would be taken for a quote.
        let envelope = document.flatMap { $0.root.kind == .string ? nil : $0.root }
        isRetryable = envelope != nil
        // Without white space around it, as reading the letter back gives it.
        self.job = envelope?.rawBytes ?? Self.quote(job)
    }

    /// As much of a job as a dead letter quotes: UTF-8, ended where a scalar ends.
    ///
    /// Repairing can make three bytes of one, so what was repaired is cut again; a quote's quote is itself.
    private static func quote(_ job: [UInt8]) -> [UInt8] {
        let text = Array(String(decoding: job.prefix(maximumQuote), as: UTF8.self).utf8)
        guard text.count > maximumQuote else { return text }
        var end = maximumQuote
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(text[..<end])
    }

    /// The dead letter as one line of JSON: `{"id","reason","error","attempt","worker","at","job":{…}}`.
    ///
    /// A job that is no JSON becomes a string of at most 4 KiB, repaired where it is no UTF-8.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: job.count + 512)
        writer.object { writer in
            writer.key("id")
            writer.append(string: id.bounded(toUTF8Count: Envelope.maximumTextLength)[...])
            writer.key("reason")
            writer.append(string: reason.code[...])
            writer.key("error")
            writer.append(string: reason.detail.bounded(toUTF8Count: 1_024)[...])
            writer.key("attempt")
            writer.append(int: attempt)
            writer.key("worker")
            writer.append(string: worker.bounded(toUTF8Count: Envelope.maximumTextLength)[...])
            writer.key("at")
            writer.append(string: at.description[...])
            writer.key("job")
            if isRetryable {
                // Outside of strings, JSON may hold line breaks; a line may not.
                writer.append(raw: job.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
            } else {
                writer.append(string: String(decoding: Self.quote(job), as: UTF8.self)[...])
            }
        }
        return writer.bytes
    }

    /// Reads a line of a dead list.
    ///
    /// - Throws: `unreadable-dead-letter` when the bytes are none.
    public init(decoding line: [UInt8]) throws(Rejection) {
        guard let root = try? JSONDocument(line, limits: Envelope.limits).root,
            let code = root["reason"].string, let at = root["at"].string.flatMap({ Timestamp(rfc3339: $0) }),
            root["job"].kind != .missing
        else {
            throw Rejection(
                DeadReason(
                    code: "unreadable-dead-letter",
                    detail: "The line of the dead list is no dead letter."
                )
            )
        }
        id = root["id"].string ?? ""
        reason = DeadReason(code: code, detail: root["error"].string ?? "")
        attempt = root["attempt"].int64.flatMap { Int(exactly: $0) } ?? 0
        worker = root["worker"].string ?? ""
        self.at = at
        isRetryable = root["job"].kind != .string
        job = isRetryable ? root["job"].rawBytes : Array((root["job"].string ?? "").utf8)
    }
}
