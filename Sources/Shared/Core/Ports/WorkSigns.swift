/// What an idle lane sees of all queues without taking anything.
public struct WorkSigns: Hashable, Sendable {
    /// How many queues and lists of suspects there are; a list that exists is not empty.
    public var lists: Int
    /// How many queues are paused; 0 is also said where there are no lists, for which nobody needs to know.
    public var pauses: Int

    /// Creates signs.
    public init(lists: Int, pauses: Int) {
        self.lists = lists
        self.pauses = pauses
    }

    /// Nothing to take.
    public static let none = WorkSigns(lists: 0, pauses: 0)
}
