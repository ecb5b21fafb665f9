import Foundation

/// The programs of the package, as built beside the tests.
public enum BuiltPrograms {
    /// The folder that holds them.
    private static let folder: URL = {
        let arguments = ProcessInfo.processInfo.arguments
        let bundle = arguments.first { $0.contains(".xctest") } ?? arguments[0]
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        while !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("growthctl").path) {
            precondition(
                folder.path != "/",
                "The programs are not beside the tests: run swift build --build-tests."
            )
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    /// The path of a program such as `growthctl`.
    public static func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }
}
