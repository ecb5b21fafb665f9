import Foundation
public import Shared

/// Files of a folder of mappings that can't be used.
public struct MappingFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The folder.
    public let folder: String
    /// One line per file, or the one reason why the folder can't be read.
    public let problems: [String]

    /// All problems, one a line.
    public var description: String {
        "The mapping files in \(folder) can't be used:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// The folder of the mapping files of generic sources, `<source>.json`.
public enum MappingFolder {
    /// Reads every mapping file.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - mayBeMissing: Whether a folder that does not exist holds no mappings, rather than being wrong.
    /// - Returns: The mappings, by the source's name.
    /// - Throws: ``MappingFolderError`` with every wrong file.
    public static func read(
        _ folder: String,
        mayBeMissing: Bool
    ) throws(MappingFolderError) -> [String: GenericMapping] {
        if mayBeMissing, !FileManager.default.fileExists(atPath: folder) { return [:] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw MappingFolderError(folder: folder, problems: ["It is no folder that can be read."])
        }
        var mappings: [String: GenericMapping] = [:]
        var problems: [String] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            guard let source = SourceID(name.dropLast(5)) else {
                problems.append("\(name): is not named after a source.")
                continue
            }
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                problems.append("\(name): can't be read.")
                continue
            }
            do {
                mappings[source.name] = try GenericMapping(Array(data))
            } catch {
                problems.append("\(name): \(error)")
            }
        }
        guard problems.isEmpty else { throw MappingFolderError(folder: folder, problems: problems) }
        return mappings
    }
}
