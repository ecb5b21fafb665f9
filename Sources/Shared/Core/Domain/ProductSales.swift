/// What was sold of each product variant, best first.
public struct ProductSales: Hashable, Sendable {
    /// One product variant.
    public struct Product: Hashable, Sendable {
        /// The account that sells it.
        public var account: AccountKey
        /// The provider's product id.
        public var productID: String
        /// The provider's variant id; empty when products have no variants.
        public var variantID: String
        /// The merchant's stock-keeping unit, where the catalogue knows it.
        public var sku: String?
        /// The title, where the catalogue knows it.
        public var title: String?
        /// Pieces sold less pieces returned.
        public var units: Int64
        /// Goods less discounts and refunds, minor units.
        public var netMinor: Int64

        /// Creates a product.
        public init(
            account: AccountKey,
            productID: String,
            variantID: String = "",
            sku: String? = nil,
            title: String? = nil,
            units: Int64,
            netMinor: Int64
        ) {
            self.account = account
            self.productID = productID
            self.variantID = variantID
            self.sku = sku
            self.title = title
            self.units = units
            self.netMinor = netMinor
        }
    }

    /// The products that brought most, best first.
    public var products: [Product]
    /// How many products there are in all.
    public var count: Int
    /// Currencies without a rate on a day on which something was sold in them; such sales are left out.
    public var missingRates: [Currency]

    /// Creates a list.
    public init(products: [Product] = [], count: Int = 0, missingRates: [Currency] = []) {
        self.products = products
        self.count = count
        self.missingRates = missingRates
    }
}
