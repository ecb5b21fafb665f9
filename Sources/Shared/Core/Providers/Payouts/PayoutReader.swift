/// Reads the payouts of one message.
struct PayoutReader {
    let envelope: Envelope
    let account: AccountKey
    /// Whether the message says that further lines follow in another one.
    let hasMore: Bool
    var notes = Notes()

    init(envelope: Envelope, root: Field) {
        self.envelope = envelope
        hasMore = root["has_more"].isTrue
        account = EngineAccount.of(
            pathSource: envelope.provenance.account,
            named: root.first("account", "shop_domain").text
        )
    }

    /// A payout alone, or with its lines.
    mutating func single(_ payout: Field, lines: Field) throws(Rejection) -> Normalized {
        let fact = try fact(payout, lines: lines, stateTime: payout["occurred_at"].time())
        guard !isTest(payout) else { return ignoredTest(fact.externalID) }
        return Normalized(facts: [.payout(fact)], note: notes.text, objectID: fact.externalID)
    }

    /// A Stripe event; only `payout.*` is about a payout.
    mutating func stripeEvent(_ root: Field) throws(Rejection) -> Normalized {
        let payout = root["data"]["object"]
        guard payout["object"].word == "payout" else {
            return Normalized(
                facts: [],
                note: "A Stripe event that is not about a payout changes nothing here."
            )
        }
        let time = try root["created"].time()
        let fact = try fact(payout, lines: payout["lines"], stateTime: time)
        guard !isTest(root), !isTest(payout) else { return ignoredTest(fact.externalID) }
        return Normalized(facts: [.payout(fact)], note: notes.text, objectID: fact.externalID)
    }

    /// A list of payouts, or of the lines of one or more payouts.
    mutating func list(_ elements: [Field], of root: Field) throws(Rejection) -> Normalized {
        guard elements.contains(where: Self.isPayout) else { return try lineList(elements, of: root) }
        var facts: [Fact] = []
        for element in elements {
            let fact = try fact(
                element,
                lines: element.first("lines", "transactions"),
                stateTime: element["occurred_at"].time()
            )
            if isTest(element) {
                notes.add(Self.testNote)
            } else {
                facts.append(.payout(fact))
            }
        }
        return Normalized(facts: facts, note: notes.text)
    }

    /// Whether a list's element is a payout: it has a status and an amount, and is not of the kind of a line.
    static func isPayout(_ element: Field) -> Bool {
        if element["object"].word == "payout" { return true }
        return element["status"].exists && !element["type"].exists && element.first("amount", "total").exists
    }

    /// Whether a message is one line: a balance transaction of Stripe, or one that names its payout.
    static func isLine(_ root: Field) -> Bool {
        if root["object"].word == "balance_transaction" { return true }
        let namesPayout = ["payout_id", "payoutId"].contains { root.value[$0].kind != .missing }
        return namesPayout && !isPayout(root)
    }

    private static let testNote = "A test payout counts nowhere."

    func isTest(_ field: Field) -> Bool {
        envelope.provenance.isTest || field["test"].isTrue || field["livemode"].value.bool == false
    }

    private func ignoredTest(_ id: String) -> Normalized {
        Normalized(facts: [], note: Self.testNote, objectID: id)
    }
}
