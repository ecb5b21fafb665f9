public import Shared

/// A job on a list that an operator looks through.
public protocol SetAside: Hashable, Sendable {
    /// Its id; ``LineID`` of its line when it has none that can be read.
    var id: String { get }
}

/// A list of set-aside jobs that an operator looks through page by page.
public protocol JobShelf {
    /// What lies on it.
    associatedtype Job: SetAside

    /// How many jobs there are.
    func count() throws(QueueError) -> Int

    /// Reads at most `limit` jobs that memory has room for, from the one at `offset` on; none only where the
    /// list ends.
    func page(from offset: Int, limit: Int) throws(QueueError) -> [Job]
}

/// How many set-aside jobs are read, moved or deleted in one round trip.
let setAsidePage = 500
/// After how many bytes a page that is read ends.
let setAsidePageBytes = 16 << 20

extension JobShelf {
    /// Finds the first job with an id; reads the list page by page.
    ///
    /// - Parameter id: The id.
    /// - Returns: The job; nil when there is none.
    /// - Throws: ``QueueError``.
    public func find(id: String) throws(QueueError) -> Job? {
        var offset = 0
        while true {
            let page = try page(from: offset, limit: setAsidePage)
            if let found = page.first(where: { $0.id == id }) { return found }
            if page.isEmpty { return nil }
            offset += page.count
        }
    }

    /// Does something to jobs in as many round trips as that takes.
    ///
    /// - Parameters:
    ///   - jobs: All of them.
    ///   - work: Does it to some, and returns to how many.
    /// - Returns: To how many it was done.
    /// - Throws: ``QueueError``; it was done to those before the failure.
    func onPages(of jobs: [Job], _ work: ([Job]) throws(QueueError) -> Int) throws(QueueError) -> Int {
        var done = 0
        var rest = jobs[...]
        while !rest.isEmpty {
            let page = Array(rest.prefix(setAsidePage))
            rest = rest.dropFirst(page.count)
            done += try work(page)
        }
        return done
    }
}
