/// Finds the account that a message of the monolith, or of a payout poll, is about.
enum EngineAccount {
    private static let providers: Set<String> = ["shopify", "shopier", "stripe"]

    /// The account of the source that a path names.
    ///
    /// `/payouts/shopify` speaks of Shopify's orders; any other name is that of a generic source.
    ///
    /// - Parameters:
    ///   - pathSource: The `{source}` of the path.
    ///   - named: The account that the body names; nil when it names none.
    /// - Returns: The account; of a provider without a named account, the empty one.
    static func of(pathSource: String, named: String?) -> AccountKey {
        if providers.contains(pathSource), let source = SourceID(pathSource) {
            return AccountKey(source: source, account: named ?? "")
        }
        return AccountKey(source: SourceID(literal: "generic"), account: pathSource)
    }
}
