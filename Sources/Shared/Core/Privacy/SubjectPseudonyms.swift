extension PseudonymKeyRing {
    /// Returns every pseudonym that an identity may have been given: one under each key of the ring.
    ///
    /// Source and account matter for a customer id only. Empty when nothing is left of the identity in its
    /// canonical form.
    public func pseudonyms(
        of text: String,
        identity: FieldPolicy.Identity,
        source: SourceID,
        account: String
    ) -> Set<String> {
        Set(
            keys.compactMap { key in
                Pseudonymizer(key: key)
                    .pseudonym(of: text, identity: identity, source: source, account: account)
            }
        )
    }
}
