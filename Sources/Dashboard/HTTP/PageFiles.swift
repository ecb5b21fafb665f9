import Foundation
import Hummingbird

/// The files of the page, read once at start; a name that is not among them does not exist.
struct PageFiles: Sendable {
    /// One file as it is served.
    struct File: Sendable {
        var bytes: [UInt8]
        var mediaType: String
    }

    /// The files by name.
    let files: [String: File]

    /// Reads the folder.
    ///
    /// - Parameter folder: Where the page lies; nil for the copy that was built with the executable.
    /// - Throws: An error that names the folder when it is missing or lacks `index.html`.
    init(folder: String?) throws {
        let root = folder ?? Bundle.module.bundlePath + "/Page"
        var files: [String: File] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        for name in names {
            guard let mediaType = Self.mediaType(of: name),
                let data = FileManager.default.contents(atPath: "\(root)/\(name)")
            else { continue }
            files[name] = File(bytes: [UInt8](data), mediaType: mediaType)
        }
        guard files["index.html"] != nil, files["login.html"] != nil else {
            throw MissingPage(folder: root)
        }
        self.files = files
    }

    /// Returns a page with its placeholders `{{name}}` filled in.
    func page(_ name: String, filling values: [String: String]) -> File {
        guard var file = files[name] else { preconditionFailure("The page has no \(name).") }
        var text = String(decoding: file.bytes, as: UTF8.self)
        for (key, value) in values { text.replace("{{\(key)}}", with: value) }
        file.bytes = Array(text.utf8)
        return file
    }

    private static func mediaType(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }
}

/// The folder of the page is not what it should be.
struct MissingPage: Error, CustomStringConvertible {
    let folder: String

    var description: String {
        "The page is not in \(folder): set GROWTH_DASHBOARD_PAGE to the folder Sources/Dashboard/Page."
    }
}
