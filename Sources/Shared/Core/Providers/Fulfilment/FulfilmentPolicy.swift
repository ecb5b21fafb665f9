/// What of a fulfilment update is kept: our own shape, one update or a list of them.
enum FulfilmentPolicy {
    /// Grows with every change of the list.
    static let version = 1

    /// The captured fields, by name.
    struct Captured {
        static let paths = ["event_id", "at", "test"]
        let eventID, at, test: String?

        init(_ texts: [String?]) {
            (eventID, at, test) = (texts.text(at: 0), texts.text(at: 1), texts.text(at: 2))
        }
    }

    /// The whole list; an `account` tells two shops of one source apart.
    static let policy = FieldPolicy(
        version: version,
        keep: PolicyPaths.under(
            ["", "[]", "updates[]"],
            PolicyPaths.list("account at event_id order_id status test")
        ),
        keepText: [],
        pseudonymise: [],
        captures: Captured.paths
    )
}
