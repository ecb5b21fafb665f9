/// Reads envelopes with the adapters; a pure function over their bytes.
public struct DeliveryReader: Sendable {
    /// The adapters, one per source.
    private let adapters: [any ProviderAdapter]

    /// Creates a reader.
    public init(adapters: [any ProviderAdapter]) {
        self.adapters = adapters
    }

    /// Returns what an envelope says; where it can't be said, the delivery bears the reason.
    public func delivery(of decoded: DecodedEnvelope) -> Delivery {
        do {
            return Delivery(envelope: decoded.envelope, normalized: try normalize(decoded))
        } catch {
            return Delivery(envelope: decoded.envelope, rejection: error.reason)
        }
    }

    private func normalize(_ decoded: DecodedEnvelope) throws(Rejection) -> Normalized {
        if let unreadable = decoded.envelope.unreadable {
            throw Rejection(.unreadableBody(unreadable, sealed: decoded.envelope.sealed))
        }
        guard let adapter = adapters.first(where: { $0.source == decoded.envelope.source }) else {
            throw Rejection(.unknownSource(decoded.envelope.source.name))
        }
        var normalized = try adapter.normalize(decoded.envelope, body: decoded.body)
        if normalized.facts.contains(where: \.isOfLessThanNothing) {
            var notes = Notes()
            notes.add(normalized.note)
            notes.add("The total of the order is negative.")
            normalized.note = notes.text
        }
        return normalized
    }
}

extension Fact {
    /// Whether it tells of an order that the merchant would pay for; no provider is known to send one.
    fileprivate var isOfLessThanNothing: Bool {
        guard case .order(let order) = self else { return false }
        let sold = order.financials?.sale.flatMap { sale in try? sale.total() }
        return (order.header?.totalMinor ?? 0) < 0 || (sold ?? 0) < 0
    }
}
