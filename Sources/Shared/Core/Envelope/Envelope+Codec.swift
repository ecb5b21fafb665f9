extension Envelope {
    /// Deeper than any body may be: an envelope wraps a body, and a dead letter wraps an envelope.
    static let limits = JSONLimits(depth: 128)
    /// The longest text from outside that an envelope carries beside its body, in bytes.
    static let maximumTextLength = 256
    /// The longest reason of a failed try that it carries, in bytes.
    static let maximumErrorLength = 1_024

    /// The envelope as one line of JSON, keys in the documented order; O(size of the body).
    public func encoded() -> [UInt8] {
        let head = head()
        let body = body.isEmpty ? Array("null".utf8) : body
        return [UInt8](unsafeUninitializedCapacity: head.count + body.count + 1) { line, count in
            let place = UnsafeMutableRawBufferPointer(line)
            head.withUnsafeBytes { place.copyMemory(from: $0) }
            body.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: place[head.count...]).copyMemory(from: $0)
            }
            place[head.count + body.count] = UInt8(ascii: "}")
            count = place.count
        }
    }

    /// All of the line that stands in front of the body.
    private func head() -> ByteSink {
        var head = ByteSink(capacity: 1_024)
        head.append("{\"v\":", int: Self.version)
        head.append(",\"id\":", text: id)
        head.append(",\"source\":", text: source.name)
        head.append(",\"account\":", text: provenance.account)
        head.append(",\"topic\":", text: provenance.topic)
        head.append(",\"delivery_id\":", text: provenance.deliveryID)
        head.append(",\"event_id\":", text: provenance.eventID)
        head.append(",\"received_at\":", time: receivedAt)
        head.append(",\"occurred_at\":", time: provenance.occurredAt)
        head.append(",\"signature\":", text: signature.rawValue)
        head.append(",\"secret\":", int: secretIndex)
        head.append(",\"sha256\":", text: bodySHA256)
        head.append(",\"bytes\":", int: byteCount)
        head.append(",\"test\":", bool: provenance.isTest)
        head.append(",\"intake\":", text: intake)
        head.append(",\"attempt\":", int: attempt)
        if let lastError {
            head.append(",\"error\":")
            head.append(string: lastError)
        }
        head.append(",\"key\":", text: keyID)
        head.append(",\"redacted\":{\"pseudonymised\":", int: pseudonymisedCount)
        head.append(",\"dropped\":", int: droppedCount)
        head.append("},\"customer\":", text: customer)
        if let failure { head.append(",\"failure\":", text: failure.rawValue) }
        if let traceParent { head.append(",\"traceparent\":", text: traceParent.text) }
        if let unreadable { head.append(",\"unreadable\":", text: unreadable) }
        if let sealed {
            head.append(",\"sealed\":")
            head.append(string: sealed.text)
        }
        head.append(",\"body\":")
        return head
    }

    /// The same envelope after a try that failed.
    ///
    /// - Parameter reason: Why it did; it stands in the envelope until the next one does.
    /// - Returns: The envelope for the next try.
    public func raisingAttempt(after reason: DeadReason) -> Envelope {
        var next = self
        next.attempt = attempt == .max ? attempt : attempt + 1
        next.lastError = reason.description.bounded(toUTF8Count: Self.maximumErrorLength)
        return next
    }

    /// Reads a line of a queue.
    ///
    /// - Throws: `unreadable-envelope` when the bytes are no envelope of this version.
    public init(decoding line: [UInt8]) throws(Rejection) {
        self = try DecodedEnvelope(decoding: line).envelope
    }
}

/// An envelope and its body as a value of the document that the line is: the line is scanned once.
public struct DecodedEnvelope: Sendable {
    /// The envelope.
    public let envelope: Envelope
    /// Its body; null when there is none.
    public let body: JSONValue

    /// Reads a line of a queue.
    ///
    /// - Throws: `unreadable-envelope` when the bytes are no envelope of this version.
    public init(decoding line: [UInt8]) throws(Rejection) {
        let document: JSONDocument
        do {
            document = try JSONDocument(line, limits: Envelope.limits)
        } catch {
            throw Rejection(.unreadableEnvelope("The line is \(error)."))
        }
        let fields = EnvelopeFields(root: document.root)
        body = document.root["body"]
        envelope = try fields.envelope(body: body)
    }
}

/// Reads the fields of an envelope; a rejection names the field and never its value.
private struct EnvelopeFields {
    let root: JSONValue

    func envelope(body: JSONValue) throws(Rejection) -> Envelope {
        guard root["v"].int64 == Int64(Envelope.version) else {
            throw Rejection(.unreadableEnvelope("The field v is not \(Envelope.version)."))
        }
        guard let source = SourceID(try text("source")) else { throw invalid("source") }
        guard let signature = Envelope.Signature(rawValue: try text("signature")) else {
            throw invalid("signature")
        }
        let unreadable = try optionalText("unreadable")
        guard body.kind != .missing || unreadable != nil else { throw invalid("body") }
        return Envelope(
            id: try text("id"),
            source: source,
            provenance: try provenance(),
            receivedAt: try time("received_at"),
            signature: signature,
            secretIndex: try root["secret"].exists ? count("secret", in: root) : nil,
            bodySHA256: try text("sha256"),
            byteCount: try count("bytes", in: root),
            intake: try text("intake"),
            attempt: try count("attempt", in: root),
            lastError: root["error"].string,
            keyID: try text("key"),
            pseudonymisedCount: try count("pseudonymised", in: root["redacted"]),
            droppedCount: try count("dropped", in: root["redacted"]),
            customer: try optionalText("customer"),
            // A word of another release is no reason to refuse the delivery.
            failure: root["failure"].string.flatMap(SignatureFailure.init),
            traceParent: try traceParent(),
            unreadable: unreadable,
            sealed: unreadable == nil ? nil : try sealed(),
            body: body.exists ? body.rawBytes : []
        )
    }

    private func traceParent() throws(Rejection) -> TraceParent? {
        guard let text = try optionalText("traceparent") else { return nil }
        guard let parent = TraceParent(text) else { throw invalid("traceparent") }
        return parent
    }

    private func provenance() throws(Rejection) -> Provenance {
        guard let isTest = root["test"].bool else { throw invalid("test") }
        return Provenance(
            account: try text("account"),
            topic: try text("topic"),
            deliveryID: try text("delivery_id"),
            eventID: try text("event_id"),
            occurredAt: try root["occurred_at"].exists ? time("occurred_at") : nil,
            isTest: isTest
        )
    }

    private func text(_ name: String) throws(Rejection) -> String {
        guard let text = root[name].string else { throw invalid(name) }
        return text
    }

    private func optionalText(_ name: String) throws(Rejection) -> String? {
        try root[name].exists ? text(name) : nil
    }

    private func sealed() throws(Rejection) -> SealedText? {
        guard let text = try optionalText("sealed") else { return nil }
        guard let sealed = SealedText(text) else { throw invalid("sealed") }
        return sealed
    }

    private func time(_ name: String) throws(Rejection) -> Timestamp {
        guard let time = Timestamp(rfc3339: try text(name)) else { throw invalid(name) }
        return time
    }

    private func count(_ name: String, in object: JSONValue) throws(Rejection) -> Int {
        guard let number = object[name].int64, number >= 0 else { throw invalid(name) }
        return Int(number)
    }

    private func invalid(_ name: String) -> Rejection {
        Rejection(.unreadableEnvelope("The field \(name) is absent or has another type."))
    }
}

extension String {
    /// The longest prefix of whole characters that fits; O(limit).
    func bounded(toUTF8Count limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        // A character of any length may straddle the limit: step back to the last place where one ends.
        while end > startIndex, end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
