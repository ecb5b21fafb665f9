/// Every source that the engine knows.
///
/// A new provider is one folder and one line here.
public enum ProviderCatalog {
    /// The adapters, in the order in which their queues are served.
    public static let adapters: [any ProviderAdapter] = adapters(mappings: [:])

    /// Returns the adapters, of which the generic one reads other shapes by the mappings.
    ///
    /// - Parameter mappings: How the events of a generic source are read, by the source's name.
    /// - Returns: The adapters, in the order in which their queues are served.
    public static func adapters(mappings: [String: GenericMapping]) -> [any ProviderAdapter] {
        [
            ShopifyAdapter(),
            ShopierAdapter(),
            StripeAdapter(),
            GenericAdapter(mappings: mappings),
            PayoutsAdapter(),
            FulfilmentAdapter(),
        ]
    }

    /// The sources whose silence is worth an alert.
    public static let signalSources = adapters.filter(\.countsAsSignal).map(\.source)

    /// Returns whether net revenue of these sources holds tax; `mixed` where they differ.
    public static func taxBasis(of sources: Set<SourceID>) -> TaxBasis {
        TaxBasis.of(adapters.filter { sources.contains($0.source) }.compactMap(\.taxBasis))
    }

    /// Whether some source's secrets are configured under this name, such as `generic_blog`.
    ///
    /// A name that ends in `_` stands before the name of any source.
    static func isSecretName(_ name: String) -> Bool {
        adapters.map { $0.secretName(pathSource: nil) }.contains { known in
            known == name && !name.hasSuffix("_")
                || known.hasSuffix("_") && name.hasPrefix(known) && name.utf8.count > known.utf8.count
        }
    }

    /// Whether deliveries of the source with this name of secrets name an account that can be compared.
    static func namesAccounts(_ name: String) -> Bool {
        adapters.contains { $0.namesAccounts && $0.secretName(pathSource: nil) == name }
    }

    /// The doors of the adapters without mappings.
    private static let router = WebhookRouter(adapters: adapters)

    /// Returns the door that a request's path names among the adapters without mappings, or nil.
    public static func route(for path: some StringProtocol, basePath: String = "") -> RouteMatch? {
        router.route(for: path, basePath: basePath)
    }
}
