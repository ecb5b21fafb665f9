import Shared
import Testing

@Suite("Source weights")
struct SourceWeightsTests {
    private let sources = ["a", "b", "c-d"].compactMap { SourceID($0) }

    @Test("reads weights by source; the others weigh 1")
    func reads() throws {
        let weights = try #require(SourceWeights(" a=3, c-d = 16 ", sources: sources))
        #expect(sources.map { weights[$0] } == [3, 1, 16])
        #expect(sources.map { SourceWeights()[$0] } == [1, 1, 1])
    }

    @Test(
        "refuses what is no list of known sources with weights from 1 to 16",
        arguments: ["", "a", "a=", "a=0", "a=17", "a=-1", "x=1", "a=1,", "a=1,a=2", "a=1;b=2", "a=1.5", "=1"]
    )
    func refuses(text: String) {
        #expect(SourceWeights(text, sources: sources) == nil)
    }
}
