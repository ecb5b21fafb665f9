import Foundation
public import Shared

/// A program can't listen where it was told to.
public struct ListenError: Error, CustomStringConvertible {
    /// What is wrong and what to do, in one sentence each.
    public let description: String

    /// Why an address can't be had.
    public enum Reason: Sendable {
        /// Another process serves it.
        case taken
        /// What the system said.
        case system(CInt)
        /// The host has no address.
        case unknownHost
        /// A file is in the place of the socket.
        case noSocket

        fileprivate var text: String {
            switch self {
            case .taken, .system(EADDRINUSE):
                "another process listens there. Stop it, or name another address"
            case .system(EACCES), .system(EPERM):
                "this user may not. Name a port above 1023 or a folder of this user"
            case .system(EADDRNOTAVAIL):
                "no interface of this machine has it. Name one of its own addresses"
            case .system(ENOENT), .system(ENOTDIR): "there is no such folder. Make it, or name another path"
            case .system(let code): "the system says: \(String(cString: strerror(code)))"
            case .unknownHost: "the host name does not resolve. Name an address"
            case .noSocket:
                "something that is no socket is in its place. Move it away, or name another path"
            }
        }
    }

    /// Creates the error.
    ///
    /// - Parameters:
    ///   - setting: The variable that names the address.
    ///   - address: The address.
    ///   - reason: Why it can't be had.
    public init(_ setting: String, _ address: ListenAddress, _ reason: Reason) {
        description = "\(setting): can't listen on \(address): \(reason.text)."
    }
}
