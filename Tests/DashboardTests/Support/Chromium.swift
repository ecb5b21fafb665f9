import Foundation
import TestSupport

/// Debian's browser without a window.
struct Chromium: Sendable {
    /// What the browser made of a page.
    struct Visit: Sendable {
        /// The document after the page's scripts ran.
        var markup: String
        /// What went wrong in it: errors and refusals of the content security policy.
        var complaints: [String]
    }

    /// Where the browser is; nil when this machine has none.
    static var path: String? {
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    let path: String
    private let profile: TemporaryDirectory

    init(path: String) throws {
        self.path = path
        profile = try TemporaryDirectory()
    }

    /// Opens the page, lets some seconds of the page's own time pass, and returns what it became.
    func visit(_ url: String, size: String = "1280,1500", seconds: Int = 12) throws -> Visit {
        let result = try run(["--window-size=\(size)", "--dump-dom", url], seconds: seconds)
        let complaints = result.errors.split(separator: "\n").map(String.init).filter { line in
            line.contains("CONSOLE")
                && ["Error", "error", "Refused", "violat", "Failed"].contains { line.contains($0) }
        }
        return Visit(markup: result.output, complaints: complaints)
    }

    /// Writes a picture of the page.
    func picture(of url: String, size: String, to file: String) throws {
        _ = try run(["--window-size=\(size)", "--hide-scrollbars", "--screenshot=\(file)", url])
    }

    /// Looks at the page in a viewport of this width, which no window can have.
    ///
    /// Returns what Tests/Browser/narrow.py says.
    func narrow(_ url: String, width: Int, scheme: String, picture: String) throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Browser/narrow.py").path()
        let arguments = [script, url, "\(width)", "812", scheme, picture, path]
        let result = try ProcessRunner.run("python3", arguments, limit: .seconds(90))
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func run(_ arguments: [String], seconds: Int = 12) throws -> ProcessRunner.Result {
        let common = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US",
            "--user-data-dir=\(profile.path)", "--enable-logging=stderr", "--v=0",
            "--disable-extensions", "--disable-background-networking", "--no-first-run",
            "--virtual-time-budget=\(seconds * 1000)", "--force-device-scale-factor=1",
        ]
        return try ProcessRunner.run(
            path,
            common + arguments,
            environment: ["LANGUAGE": "en"],
            limit: .seconds(90)
        )
    }
}
