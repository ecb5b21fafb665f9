import Foundation
import Shared

extension Diagnosis {
    /// How long a webhook may lie in the spool before it is called stuck, in seconds.
    private static let stuckSeconds = 300

    /// Looks at the intake's spool: whether it is private, whole, drained, and has the room that it may use.
    func spool() -> Finding {
        let folder = "\(settings.home)/spool"
        let reading = SpoolReading(settings)
        func finding(_ isFine: Bool, _ text: String) -> Finding {
            Finding(check: "spool", isFine: isFine, text: text)
        }
        switch reading.absence {
        case .off: return finding(true, "It is off: while Redis is away, the intake answers 503.")
        case .missing: return finding(true, "The intake makes \(folder) when it first starts.")
        case .unreadable:
            return finding(false, "\(folder) can't be read: run this as the intake's user.")
        case nil: break
        }
        var wrong: [String] = []
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder)
        let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0o700
        if mode & 0o077 != 0 { wrong.append("Others can look into it: chmod 700 \(folder).") }
        if !reading.damagedFiles.isEmpty {
            let names = reading.damagedFiles.joined(separator: ", ")
            wrong.append("The disk changed bytes of \(names): see docs/spool.md, then delete what is there.")
        }
        if let seconds = reading.oldestSeconds(at: now), seconds >= Self.stuckSeconds {
            wrong.append(
                "A webhook has waited \(seconds) s in it: see whether the intake runs, Redis answers, and a "
                    + "queue is above its hard limit."
            )
        }
        if reading.usedPercent >= SpoolReading.fullPercent {
            wrong.append(
                "It takes \(reading.usedPercent) % of the \(Table.text(bytes: reading.limit)) of "
                    + "GROWTH_SPOOL_MAX_BYTES; full, webhooks are answered 503: see what keeps it from "
                    + "draining, or raise that and restart the intake."
            )
        }
        if let free = DiskRoom(at: folder)?.free, free < settings.spoolMaxBytes - reading.bytes {
            wrong.append(
                "The disk has \(free >> 20) MiB left, less than GROWTH_SPOOL_MAX_BYTES may take: "
                    + "free some, or lower it."
            )
        }
        guard wrong.isEmpty else { return finding(false, wrong.joined(separator: " ")) }
        let waiting = reading.records.map(String.init) ?? "many"
        return finding(true, "\(folder) is private and whole; \(waiting) webhooks wait in it.")
    }
}
