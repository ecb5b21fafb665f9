/// Every source that the engine knows. A new provider is one folder and one line here.
public enum ProviderCatalog {
    /// The adapters, in the order in which their queues are served.
    public static let adapters: [any ProviderAdapter] = []

    /// Returns the adapter of a source, or nil.
    public static func adapter(for source: SourceID) -> (any ProviderAdapter)? {
        adapters.first { $0.source == source }
    }
}
