import Foundation

/// The folder in which `deploy/vega-bundle` puts the chart library; it may be empty, and may be filled later.
struct VegaBundle: Sendable {
    let folder: String

    /// Returns the name of the newest bundle, `vega.<hash>.js`, or nil.
    func newest() -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { Self.isBundle($0) }.max { modified($0) < modified($1) }
    }

    /// Returns the bytes of a bundle, compressed where the caller takes that and it is there.
    func contents(of name: String, acceptsGzip: Bool) -> (bytes: [UInt8], isCompressed: Bool)? {
        // Only names of this form reach the file system.
        guard Self.isBundle(name) else { return nil }
        if acceptsGzip, let data = FileManager.default.contents(atPath: "\(folder)/\(name).gz") {
            return ([UInt8](data), true)
        }
        return FileManager.default.contents(atPath: "\(folder)/\(name)").map { ([UInt8]($0), false) }
    }

    /// Whether the name is `vega.`, 8 to 64 hexadecimal digits, `.js`.
    static func isBundle(_ name: String) -> Bool {
        guard name.hasPrefix("vega."), name.hasSuffix(".js") else { return false }
        let digits = name.utf8.dropFirst(5).dropLast(3)
        return (8...64).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private func modified(_ name: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }
}
