import Foundation

/// The repository's own files, as the Tidy tests read them.
struct Repository {
    /// One text file.
    struct File {
        /// Path from the repository's root.
        let path: String
        /// Its lines, without line ends.
        let lines: [String]

        /// Lines of code: comments cut off, with their numbers from 1.
        var code: [(number: Int, text: String)] {
            lines.enumerated().compactMap { index, line in
                let text = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line[...]
                return text.allSatisfy(\.isWhitespace) ? nil : (index + 1, String(text))
            }
        }
    }

    /// The root of the repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Folders that hold no files of ours.
    private static let skipped: Set<String> = [".build", ".git", ".swiftpm", "var", "__pycache__"]

    /// Every file below `folder` whose name ends in one of `endings`, in the order of their paths.
    static func files(below folder: String = "", endings: [String]) -> [File] {
        let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var files: [File] = []
        while let relative = walk.nextObject() as? String {
            let name = relative.split(separator: "/").last.map(String.init) ?? relative
            if skipped.contains(name) || name.hasPrefix(".build") { walk.skipDescendants() }
            guard endings.contains(where: { name.hasSuffix($0) }),
                let text = try? String(contentsOf: start.appendingPathComponent(relative), encoding: .utf8)
            else { continue }
            let path = folder.isEmpty ? relative : "\(folder)/\(relative)"
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            files.append(File(path: path, lines: lines.last == "" ? lines.dropLast() : lines))
        }
        return files.sorted { $0.path < $1.path }
    }
}
