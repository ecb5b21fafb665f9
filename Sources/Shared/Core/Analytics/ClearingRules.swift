/// When money counts as arrived although no payout says so: by age, or because the provider says it is paid.
///
/// Off unless an operator asks for it: a source whose payouts arrive should be cleared by them.
public struct ClearingRules: Hashable, Sendable {
    /// The days that can be given.
    public static let range = 1...365
    private static let day: Int64 = 86_400_000

    /// After how many days the entries of fulfilled orders clear, by source.
    public var afterDays: [SourceID: Int] = [:]
    /// The sources whose orders clear when they are paid: cash on delivery, or a till of one's own.
    public var onPaid: Set<SourceID> = []

    /// Creates rules that clear nothing.
    public init() {}

    /// Reads texts such as `shopier=14,generic=21` and `generic`; nil when a part of them is no known source,
    /// a source stands twice, or its days lie outside ``range``.
    public init?(afterDays: String, onPaid: String, sources: [SourceID]) {
        func parts(_ text: String) -> [Substring] {
            text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
        }
        func source(_ text: some StringProtocol) -> SourceID? {
            SourceID(text).flatMap { sources.contains($0) ? $0 : nil }
        }
        for part in parts(afterDays) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false).map { $0.trimmed }
            guard words.count == 2, let source = source(words[0]), let days = Int(words[1]),
                Self.range.contains(days), self.afterDays.updateValue(days, forKey: source) == nil
            else { return nil }
        }
        for part in parts(onPaid) {
            guard let source = source(part.trimmed), self.onPaid.insert(source).inserted else { return nil }
        }
    }

    /// The sources that any rule is about, by name.
    public var sources: [SourceID] { onPaid.union(afterDays.keys).sorted() }

    /// What is known of an order when its entries may clear.
    public struct Order: Hashable, Sendable {
        /// The source.
        public var source: SourceID
        /// The payment status, in our words.
        public var financialStatus: String?
        /// The fulfilment status, in our words.
        public var fulfillmentStatus: String?
        /// Whether a dispute holds money back.
        public var hasOpenDispute: Bool

        /// Creates an order.
        public init(
            source: SourceID,
            financialStatus: String?,
            fulfillmentStatus: String?,
            hasOpenDispute: Bool
        ) {
            self.source = source
            self.financialStatus = financialStatus
            self.fulfillmentStatus = fulfillmentStatus
            self.hasOpenDispute = hasOpenDispute
        }
    }

    /// Returns the evidence on which a PENDING entry of an order clears now; nil when it stays as it is.
    ///
    /// PROVIDER when the order is paid and its source clears then; AGE when the order was sent or delivered
    /// and the entry is old enough, to the millisecond. An open dispute holds both.
    public func evidence(of order: Order, effectiveAt: Timestamp, now: Timestamp) -> ClearingEvidence? {
        guard !order.hasOpenDispute else { return nil }
        if onPaid.contains(order.source), effectiveAt <= now,
            ["paid", "partially_refunded", "refunded"].contains(order.financialStatus)
        {
            return .provider
        }
        guard let days = afterDays[order.source],
            ["shipped", "delivered"].contains(order.fulfillmentStatus),
            effectiveAt.advanced(byMilliseconds: Int64(days) * Self.day) <= now
        else { return nil }
        return .age
    }
}
