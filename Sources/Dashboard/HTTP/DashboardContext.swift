import Hummingbird

/// What a handler knows about the request beside the request itself.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// How the caller showed that it may look.
    var access = Access.none

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
