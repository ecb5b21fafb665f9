import Foundation
import NIOCore
import NIOPosix
import Shared

/// The intake can't listen where it was told to.
struct ListenError: Error, CustomStringConvertible {
    /// What is wrong and what to do, in one sentence each.
    let description: String

    /// Another process serves the address.
    static func taken(_ address: ListenAddress) -> ListenError {
        ListenError(address, "another process listens there. Stop it, or name another address")
    }

    /// Translates what the system said.
    init(_ address: ListenAddress, _ error: any Error) {
        let reason =
            switch (error, (error as? IOError)?.errnoCode) {
            case (_, EADDRINUSE): "another process listens there. Stop it, or name another address"
            case (_, EACCES), (_, EPERM): "this user may not. Name a port above 1023 or a folder of this user"
            case (_, EADDRNOTAVAIL): "no interface of this machine has it. Name one of its own addresses"
            case (_, ENOENT), (_, ENOTDIR): "there is no such folder. Make it, or name another path"
            case (_, .some(let code)): "the system says: \(String(cString: strerror(code)))"
            case (is SocketAddressError.UnknownHost, _): "the host name does not resolve. Name an address"
            default: "something that is no socket is in its place. Move it away, or name another path"
            }
        self.init(address, reason)
    }

    private init(_ address: ListenAddress, _ reason: String) {
        description = "GROWTH_INTAKE_LISTEN: can't listen on \(address): \(reason)."
    }
}
