import NIOCore
import Testing

@testable import growth_intake

@Suite("Scrapes") struct ScrapeDeskTests {
    private func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(5_000_000_000) + .milliseconds(milliseconds)
    }

    private func text(_ answer: HTTPAnswer?) -> String? {
        guard let answer, case .shared(let buffer) = answer.body else { return nil }
        return String(buffer: buffer)
    }

    @Test(
        "who asks while the metrics are rendered gets the same text, and one rendering is under way at a time"
    )
    func together() {
        let desk = ScrapeDesk(budget: 8, pause: .seconds(1))
        var answers: [HTTPAnswer] = []
        var begun = 0
        for _ in 0..<100 where desk.ask(at: at(0), { answers.append($0) }) { begun += 1 }
        #expect(begun == 1)
        #expect(answers.isEmpty)
        desk.rendered(ByteBuffer(string: "a"))
        #expect(answers.count == 100)
        #expect(answers.allSatisfy { text($0) == "a" })
        let isBegun = desk.ask(at: at(0)) { answers.append($0) }
        #expect(isBegun)
        desk.failed()
        #expect(answers.last?.status == 503)
    }

    @Test("renders so many at once and one more each second; between them the last one is told again")
    func budget() {
        let desk = ScrapeDesk(budget: 3, pause: .seconds(1))
        var rendered = 0
        var last: HTTPAnswer?
        func ask(_ milliseconds: Int64) -> String? {
            if desk.ask(at: at(milliseconds), { last = $0 }) {
                rendered += 1
                desk.rendered(ByteBuffer(string: "\(rendered)"))
            }
            return text(last)
        }
        #expect((0..<10).map { ask($0) } == ["1", "2", "3", "3", "3", "3", "3", "3", "3", "3"])
        #expect(ask(999) == "3")
        #expect(ask(1000) == "4")
        #expect(ask(1990) == "4")
        #expect(ask(2010) == "5")
        #expect((0..<5).map { _ in ask(60_000) } == ["6", "7", "8", "8", "8"])
    }

    @Test("who is answered may ask again within the same call")
    func again() {
        let desk = ScrapeDesk(budget: 2, pause: .seconds(1))
        var answers: [String?] = []
        let isBegun = desk.ask(at: at(0)) { answer in
            answers.append(text(answer))
            if desk.ask(at: at(0), { answers.append(text($0)) }) { answers.append("begun") }
        }
        #expect(isBegun)
        desk.rendered(ByteBuffer(string: "a"))
        #expect(answers == ["a", "begun"])
        desk.rendered(ByteBuffer(string: "b"))
        #expect(answers == ["a", "begun", "b"])
    }
}
