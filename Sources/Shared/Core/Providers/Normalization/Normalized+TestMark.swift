extension Normalized {
    /// What a message says that only a header marks as a test: nothing.
    ///
    /// Where the body is signed and its headers are not, such a mark on a captured delivery must not take a
    /// real order out of the ledger.
    static func unsignedTestMark(_ objectID: String?) -> Normalized {
        Normalized(
            facts: [],
            note: "A header alone marks this message as a test, the body does not; it changes nothing.",
            objectID: objectID
        )
    }
}
