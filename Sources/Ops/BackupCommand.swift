import ArgumentParser
import Foundation
import Shared
import SharedRuntime
import SharedStore

/// A copy of the database.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database into a new file while workers write, and checks the copy.",
        discussion: """
            The copy is of one instant, passes SQLite's integrity check and every invariant of the \
            ledger, and can be read by its owner alone. It never replaces a file. \
            docs/backup.md says how to restore one.

            EXAMPLES:
              growthctl backup /backups/growth-$(date +%F).db
            """
    )

    @Argument(help: "The new file.") var file: String
    @OptionGroup var output: OutputOptions

    func run() throws {
        try Ops.run { settings in
            let store = try Ops.store(settings, access: .reports)
            guard access(file, F_OK) != 0 else {
                throw Refusal("The file \(file) exists already, and a backup replaces nothing.")
            }
            removeLeftovers()
            let draft = "\(file).\(getpid()).new"
            try make(draft)
            defer { remove(draft) }
            try store.copy(to: draft)
            try check(draft, settings)
            try synchronize(draft)
            // Never replaces: of two backups to one name, the second fails.
            guard link(draft, file) == 0 else {
                throw Refusal("The file \(file) can't be made: \(String(cString: strerror(errno))).")
            }
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            output.say(
                "The backup \(file) is complete and sound: \(Table.text(bytes: size))B.",
                [("file", .text(file)), ("bytes", .bytes(size))]
            )
        }
    }

    /// Removes the drafts of earlier backups to this file that were killed: those of processes that are gone.
    private func removeLeftovers() {
        let place = URL(fileURLWithPath: file)
        let folder = place.deletingLastPathComponent().path
        let start = place.lastPathComponent + "."
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            // The files that SQLite lays beside a draft may be all that is left.
            guard name.hasPrefix(start), let end = name.range(of: ".new", options: .backwards),
                end.lowerBound >= start.endIndex,
                let process = pid_t(name[start.endIndex..<end.lowerBound]), process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            remove("\(folder)/\(name[..<end.upperBound])")
        }
    }

    private func remove(_ draft: String) {
        for ending in ["", "-journal", "-wal", "-shm", "-turn"] { unlink(draft + ending) }
    }

    /// An empty file that is this user's alone from the beginning.
    private func make(_ path: String) throws {
        unlink(path)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            // By the name that was asked for; the draft beside it is nobody's business.
            throw Refusal("The file \(file) can't be made: \(String(cString: strerror(errno))).")
        }
        close(descriptor)
    }

    private func check(_ path: String, _ settings: Settings) throws {
        var settings = settings
        settings.databasePath = path
        let copy = try Ops.store(settings, access: .reports)
        defer { copy.close() }
        let breaches = try copy.verify()
        guard breaches.isEmpty else {
            throw Refusal(
                "The copy contradicts \(breaches.count) invariants, as the database does: "
                    + "run growthctl verify. No backup was made."
            )
        }
    }

    private func synchronize(_ path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        for (name, flags) in [(path, O_RDWR), (folder, O_RDONLY | O_DIRECTORY)] {
            let descriptor = open(name, flags | O_CLOEXEC)
            guard descriptor >= 0 else { throw Refusal("\(name) can't be opened.") }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw Refusal("\(name) can't be written to the disk.") }
        }
    }
}
