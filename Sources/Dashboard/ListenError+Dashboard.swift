import NIOCore
import Shared
import SharedRuntime

extension ListenError {
    /// Translates what the system said when the server began to listen; nil for anything else.
    init?(_ address: ListenAddress, _ error: any Error) {
        let reason: Reason
        switch (error, address) {
        case (let error as IOError, _): reason = .system(error.errnoCode)
        case (is SocketAddressError.UnknownHost, _): reason = .unknownHost
        case (_, .unix): reason = .noSocket
        default: return nil
        }
        self.init("GROWTH_DASHBOARD_LISTEN", address, reason)
    }
}
