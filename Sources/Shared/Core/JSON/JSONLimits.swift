/// How large a document may be.
public struct JSONLimits: Hashable, Sendable {
    /// 64 levels, numbers of 1,024 bytes.
    public static let `default` = JSONLimits()

    /// How many arrays and objects may enclose each other; 1 to 1,024.
    public let depth: Int
    /// The longest number in bytes.
    public let numberLength: Int

    /// Creates limits; values outside the ranges are moved to their nearest end.
    public init(depth: Int = 64, numberLength: Int = 1_024) {
        self.depth = min(max(depth, 1), 1_024)
        self.numberLength = max(numberLength, 1)
    }
}
