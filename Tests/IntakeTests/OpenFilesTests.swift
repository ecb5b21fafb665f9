import Testing

@testable import growth_intake

@Suite("Open files")
struct OpenFilesTests {
    @Test(
        "connections leave files for Redis, the spool and the rest",
        arguments: [
            (files: 1_048_576, connections: 10_000), (10_256, 10_000), (1_024, 768), (256, 16), (64, 16),
        ]
    )
    func connections(files: Int, connections: Int) {
        #expect(OpenFiles.connections(10_000, filesMax: files) == connections)
    }

    @Test("the limit is raised as far as the system allows, and never lowered")
    func allow() {
        let limit = OpenFiles.allow(64)
        #expect(limit >= 64)
        #expect(OpenFiles.allow(limit) == limit)
        #expect(OpenFiles.allow(16) == limit)
    }
}
