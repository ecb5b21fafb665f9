import Foundation
import Shared
import TestSupport

/// Files of this target's Fixtures folder.
enum Fixture {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// The bytes of a fixture of the intake, such as `shopify/order.json`.
    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("intake/\(path)")))
    }

    /// The root of the package.
    static let packageRoot = folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

extension EnvelopeFixture {
    /// The envelope's line as text.
    var text: String { String(decoding: line, as: UTF8.self) }
}
