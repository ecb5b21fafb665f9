import NIOCore
import NIOPosix
import Shared
import SharedRuntime

extension ListenError {
    private static let setting = "GROWTH_INTAKE_LISTEN"

    /// Another process serves the address.
    static func taken(_ address: ListenAddress) -> ListenError {
        ListenError(setting, address, .taken)
    }

    /// Translates what the system said.
    init(_ address: ListenAddress, _ error: any Error) {
        let reason: Reason =
            switch error {
            case let error as IOError: .system(error.errnoCode)
            case is SocketAddressError.UnknownHost: .unknownHost
            default: .noSocket
            }
        self.init(Self.setting, address, reason)
    }
}
