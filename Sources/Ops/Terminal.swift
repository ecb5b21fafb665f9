import Foundation

/// What standard output leads to.
enum Terminal {
    /// Colours that say how a figure is.
    enum Mark: String {
        /// Something is wrong.
        case red = "31"
        /// Something may go wrong.
        case yellow = "33"
        /// As it should be.
        case green = "32"
        /// A heading.
        case bold = "1"

        /// The text in this colour.
        func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
    }

    /// Whether somebody looks at it.
    static let isInteractive = isatty(STDOUT_FILENO) == 1

    /// Whether colours may be used: on a terminal that has them, unless NO_COLOR (no-color.org) is set.
    static let hasColor: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isInteractive && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }()

    /// The window's size in cells; 80 by 24 where it is not known.
    static var size: (columns: Int, rows: Int) { window ?? (80, 24) }

    /// How many cells a line of it has; nil where standard output is none, or it is not known.
    static var columns: Int? { window?.columns }

    private static var window: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes text at once.
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
