/// Reads the requests of one connection out of its bytes, in whatever pieces they arrive.
///
/// It keeps no bytes: what a step does not consume is shown again, with what has arrived since. The steps do
/// not depend on where the bytes were cut. Each byte is looked at a bounded number of times.
public struct HTTPRequestReader: Sendable {
    /// What comes next on a connection.
    public enum Step: Hashable, Sendable {
        /// More bytes are needed; so many need not be shown again.
        case more(consumed: Int)
        /// A head of so many bytes; it is in ``HTTPRequestReader/head`` until the next one begins.
        case head(consumed: Int)
        /// A part of the body; its end is consumed.
        case body(Range<Int>)
        /// The request has ended after so many bytes.
        case end(consumed: Int)
        /// What comes can't be read, now or later.
        case failed(HTTPFailure)
    }

    private enum Place: Sendable {
        case head
        case counted(left: Int)
        case chunked(HTTPChunks)
        case failed(HTTPFailure)
    }

    /// What the last head said about the form of its request.
    public private(set) var framing: RequestFraming
    private let limits: HTTPLimits
    private var parser: HTTPHeadParser
    private var place = Place.head

    /// Creates a reader at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        parser = HTTPHeadParser(limits: limits)
        framing = RequestFraming(HTTPHead(), in: UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The head of the request that is read, or was read last.
    public var head: HTTPHead { parser.head }

    /// Reads the next step; `bytes` begin behind what was consumed.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> Step {
        switch place {
        case .head: nextHead(bytes)
        case .counted(0): end(consumed: 0)
        case .counted(let left): nextPart(bytes, left: left)
        case .chunked(var chunks):
            switch chunks.next(bytes) {
            case .more(let consumed): stay(.more(consumed: consumed), in: .chunked(chunks))
            case .data(let range): stay(.body(range), in: .chunked(chunks))
            case .end(let consumed): end(consumed: consumed)
            case .failed(let failure): fail(failure)
            }
        case .failed(let failure): .failed(failure)
        }
    }

    private mutating func nextHead(_ bytes: UnsafeRawBufferPointer) -> Step {
        if parser.head.byteCount > 0 { parser.reset() }
        switch parser.parse(bytes) {
        case .incomplete: return .more(consumed: 0)
        case .failed(let failure): return fail(failure)
        case .complete:
            framing = RequestFraming(parser.head, in: bytes)
            if framing.isAmbiguous { return fail(.malformed) }
            let body =
                framing.isChunked
                ? .chunked(HTTPChunks(limits: limits)) : Place.counted(left: framing.length ?? 0)
            return stay(.head(consumed: parser.head.byteCount), in: body)
        }
    }

    private mutating func nextPart(_ bytes: UnsafeRawBufferPointer, left: Int) -> Step {
        guard !bytes.isEmpty else { return .more(consumed: 0) }
        let count = min(left, bytes.count)
        return stay(.body(0..<count), in: .counted(left: left - count))
    }

    private mutating func stay(_ step: Step, in place: Place) -> Step {
        self.place = place
        return step
    }

    private mutating func end(consumed: Int) -> Step {
        place = .head
        return .end(consumed: consumed)
    }

    private mutating func fail(_ failure: HTTPFailure) -> Step {
        place = .failed(failure)
        return .failed(failure)
    }
}
