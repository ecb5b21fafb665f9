/// The name of one file of the spool: eight digits and `.spool`, counted upwards from 1.
public struct SpoolSegment: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first segment of a new spool.
    public static let first = SpoolSegment(number: 1)
    private static let ending = ".spool"

    /// Its number, at least 1.
    public let number: Int

    /// Creates a segment's name; numbers below 1 count as 1.
    public init(number: Int) {
        self.number = max(1, number)
    }

    /// Reads the name of a file; nil for every other file.
    public init?(fileName: String) {
        guard fileName.hasSuffix(Self.ending) else { return nil }
        let digits = fileName.utf8.dropLast(Self.ending.utf8.count)
        guard (8...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(String(decoding: digits, as: UTF8.self)), number > 0
        else { return nil }
        self.number = number
        guard self.fileName == fileName else { return nil }
    }

    /// The name of its file.
    public var fileName: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + Self.ending
    }

    /// The name that its file has once it is drained, when a part of it could not be read.
    public var keptAsideName: String { fileName + Self.keptAsideEnding }

    /// The name of the file with what was cut off its end, when that may have been a record after all.
    public var cutOffName: String {
        String(fileName.dropLast(Self.ending.count)) + ".cut" + Self.keptAsideEnding
    }

    /// How the names of files end that are kept for an operator to look at.
    public static let keptAsideEnding = ".corrupt"

    /// The segment after it.
    public var next: SpoolSegment { SpoolSegment(number: number + 1) }

    /// The file's name.
    public var description: String { fileName }

    /// Whether it was begun before another.
    public static func < (left: SpoolSegment, right: SpoolSegment) -> Bool { left.number < right.number }
}
