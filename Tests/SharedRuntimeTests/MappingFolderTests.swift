import Foundation
import Shared
import SharedRuntime
import TestSupport
import Testing

@Suite("Mapping folder")
struct MappingFolderTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: folder.file(name), atomically: false, encoding: .utf8)
    }

    @Test("reads every mapping, and no other file")
    func reads() throws {
        try write("blog.json", #"{"fields":{"type":"/kind"}}"#)
        try write("notes.txt", "not a mapping")
        #expect(try MappingFolder.read(folder.path, mayBeMissing: false).keys.sorted() == ["blog"])
    }

    @Test("lists every wrong file at once")
    func wrongFiles() throws {
        try write("Bad Name.json", "{}")
        try write("broken.json", "{")
        try write("list.json", "[]")
        try FileManager.default.createDirectory(
            atPath: folder.file("folder.json"),
            withIntermediateDirectories: false
        )
        let error = #expect(throws: MappingFolderError.self) {
            try MappingFolder.read(folder.path, mayBeMissing: false)
        }
        let names = error?.problems.map { String($0.prefix { $0 != ":" }) }
        #expect(names == ["Bad Name.json", "broken.json", "folder.json", "list.json"])
        #expect(error?.description.contains(folder.path) == true)
    }

    @Test("takes a folder that is not there for none only where it may be missing")
    func missing() throws {
        let nowhere = folder.file("nowhere")
        #expect(try MappingFolder.read(nowhere, mayBeMissing: true).isEmpty)
        #expect(throws: MappingFolderError.self) { try MappingFolder.read(nowhere, mayBeMissing: false) }
        try write("file", "")
        #expect(throws: MappingFolderError.self) {
            try MappingFolder.read(folder.file("file"), mayBeMissing: true)
        }
    }
}
