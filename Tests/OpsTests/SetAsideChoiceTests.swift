import ArgumentParser
import Shared
import SharedRedis
import Testing

@testable import growthctl

@Suite("Going over a list that others change")
struct SetAsideChoiceTests {
    private struct Job: SetAside {
        var id: String
    }

    /// A list of numbers, of which others take some between two pages.
    private final class Shelf: JobShelf {
        var jobs: [Job]
        /// What others do after a page was read, by the page's number.
        var afterPage: [Int: (inout [Job]) -> Void] = [:]
        private var pages = 0

        init(_ count: Int) {
            jobs = (0..<count).map { Job(id: "\($0)") }
        }

        func count() throws(QueueError) -> Int { jobs.count }

        func page(from offset: Int, limit: Int) throws(QueueError) -> [Job] {
            defer {
                pages += 1
                afterPage[pages]?(&jobs)
            }
            return Array(jobs.dropFirst(offset).prefix(limit))
        }

        func delete(_ some: [Job]) -> Int {
            let before = jobs.count
            jobs.removeAll { some.contains($0) }
            return before - jobs.count
        }
    }

    private func choice() throws -> SetAsideChoice<ReceiptAge> {
        try SetAsideChoice<ReceiptAge>.parse(["generic", "--all"])
    }

    @Test("looks at every job when others take some that it was about to take")
    func promotedMeanwhile() throws {
        let shelf = Shelf(1700)
        shelf.afterPage[1] = { $0.removeFirst(100) }
        var seen: Set<String> = []
        let counts = try choice().apply(to: shelf) { jobs throws(QueueError) in
            seen.formUnion(jobs.map(\.id))
            return (jobs.count, shelf.delete(jobs))
        }
        #expect(seen.count == 1700)
        #expect(counts == (1700, 1600))
        #expect(shelf.jobs.isEmpty)
    }

    @Test("looks at every job when others take some that it passed over")
    func takenBehind() throws {
        let shelf = Shelf(1700)
        shelf.afterPage[2] = { $0.removeFirst(250) }
        var seen: Set<String> = []
        let counts = try choice().apply(to: shelf) { jobs throws(QueueError) in
            seen.formUnion(jobs.map(\.id))
            return (0, 0)
        }
        #expect(seen.count == 1700)
        #expect(counts == (0, 0))
    }

    @Test("ends, though what it moves comes back at the tail")
    func comesBack() throws {
        let shelf = Shelf(700)
        for page in 1...100 {
            shelf.afterPage[page] = { jobs in jobs += (0..<500).map { Job(id: "\(page)-\($0)") } }
        }
        let counts = try choice().apply(to: shelf) { jobs throws(QueueError) in
            (jobs.count, shelf.delete(jobs))
        }
        #expect(counts == (700, 700))
    }
}
