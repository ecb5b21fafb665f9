public import Shared

/// Seal keys that are the same in every run; for tests only.
public enum SealFixture {
    /// A key.
    public static let key = make(1)
    /// Another one.
    public static let otherKey = make(2)

    /// Seals to ``key``.
    public static var sealer: Sealer { Sealer(publicKey: key.publicKey) }

    private static func make(_ seed: UInt8) -> SealPrivateKey {
        guard let key = SealPrivateKey.generate(randomBytes: [UInt8](repeating: seed, count: 32)) else {
            preconditionFailure("32 bytes are a private key.")
        }
        return key
    }
}
