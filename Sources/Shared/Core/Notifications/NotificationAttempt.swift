/// What becomes of a message after an attempt to send it.
public enum NotificationAttempt {
    /// What the receiver said.
    public enum Answer: Hashable, Sendable {
        /// A status, with the `Retry-After` that it may carry.
        case status(Int, retryAfter: String?)
        /// It said nothing that counts.
        case failure(Failure)
    }

    /// Why there is no status; its text stands in the outbox and the log.
    public enum Failure: String, Error, CaseIterable, Sendable {
        /// The name has no address, or nobody listens there.
        case connection = "no connection"
        /// TLS failed, or the certificate is not one of that host by an authority that the system trusts.
        case tls = "TLS failed"
        /// What came is not the head of an HTTP answer.
        case notHTTP = "not HTTP"
        /// The connection ended before an answer.
        case noAnswer = "no answer"
        /// The time for the attempt was over.
        case timeLimit = "no answer in time"
    }

    /// What becomes of the message.
    public enum Outcome: Hashable, Sendable {
        /// It arrived.
        case sent
        /// It is tried again, not before this instant.
        case retry(Timestamp)
        /// It is not tried any more: the receiver is gone (410), or three days are over.
        case givenUp
    }

    /// The first wait, 30 s; every further one is twice as long.
    public static let firstWait: Int64 = 30_000
    /// The longest wait of our own: 1 h.
    public static let longestWait: Int64 = 3_600_000
    /// The longest wait that a receiver may ask for: 24 h.
    public static let longestAskedWait: Int64 = 86_400_000
    /// How long a message is worth sending: 3 days.
    public static let lifetime: Int64 = 259_200_000

    /// Returns the outcome of an attempt.
    ///
    /// - Parameters:
    ///   - answer: What the receiver said.
    ///   - attempts: How often the message was tried before.
    ///   - createdAt: When it was put into the outbox.
    ///   - now: The present instant.
    /// - Returns: What becomes of it.
    public static func outcome(
        of answer: Answer,
        attempts: Int,
        createdAt: Timestamp,
        now: Timestamp
    ) -> Outcome {
        var wait = min(longestWait, firstWait << Int64(min(max(0, attempts), 16)))
        if case .status(let status, let retryAfter) = answer {
            if (200...299).contains(status) { return .sent }
            if status == 410 { return .givenUp }
            if status == 429 || status == 503, let asked = retryAfter.flatMap({ self.wait($0, now: now) }) {
                wait = max(wait, min(asked, longestAskedWait))
            }
        }
        guard now.milliseconds(since: createdAt) < lifetime else { return .givenUp }
        return .retry(now.advanced(byMilliseconds: wait))
    }

    /// The wait that `Retry-After` asks for: seconds, or an HTTP date (RFC 9110, section 10.2.3).
    static func wait(_ text: String, now: Timestamp) -> Int64? {
        let text = text.trimmed
        if let seconds = Int64(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return min(seconds, longestAskedWait / 1000) * 1000
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            let month = months.firstIndex(of: String(words[2])),
            let date = BusinessDate(year: year, month: month + 1, day: day)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
        guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]),
            (0...60).contains(time[2])
        else { return nil }
        let seconds = Int64(date.daysSinceEpoch) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
        return max(0, seconds * 1000 - now.milliseconds)
    }
}
