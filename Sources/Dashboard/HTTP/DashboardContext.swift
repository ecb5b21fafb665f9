import Hummingbird
import NIOCore
import Shared

/// What a handler knows about the request beside the request itself.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// How the caller showed that it may look.
    var access = Access.none
    /// Who opened the connection.
    let peer: ClientAddress

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = ClientAddress(source.channel.remoteAddress)
    }
}
