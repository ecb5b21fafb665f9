import Foundation
import Shared
import SharedStore

extension Diagnosis {
    /// How long the database's write lock is waited for, in milliseconds: a batch has it for far less.
    private static let lockPatience = 5000

    /// Whether the database opens and takes transactions.
    func database() -> Finding {
        let path = settings.databasePath
        func wrong(_ text: String) -> Finding { Finding(check: "database", isFine: false, text: text) }
        do throws(StoreError) {
            let store = try Ops.store(settings, access: .reports, patience: Self.lockPatience)
            do throws(StoreError) {
                try store.checkWritable()
            } catch {
                // Before it is asked who has the lock.
                store.close()
                return wrong("\(path) takes no transaction: \(remedy(for: error))")
            }
            store.close()
            return Finding(check: "database", isFine: true, text: "\(path) opens, and takes transactions.")
        } catch {
            let remedy = error.code == .unavailable ? " Where it is new, run growthctl migrate." : ""
            return wrong("\(path) can't be used: \(error)\(remedy)")
        }
    }

    /// What is known of a refused transaction, and what to do.
    private func remedy(for error: StoreError) -> String {
        guard error.code == .unavailable else {
            let isForbidden = access(settings.databasePath, W_OK) != 0
            return "\(error)" + (isForbidden ? " Whose it is: ls -l \(settings.databasePath)" : "")
        }
        guard let process = SQLiteStore.writeLockHolder(ofFile: settings.databasePath) else {
            let list = "lslocks -nuo PID,COMMAND,START,PATH 2>/dev/null | grep ' 120 .*db-shm'"
            return "\(error) Who has the lock: \(list)"
        }
        let comm = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        let name = comm.map { " (\($0.trimmingCharacters(in: .newlines)))" } ?? ""
        return
            "its write lock has been kept for \(Self.lockPatience / 1000) s; process \(process)\(name) has "
            + "it now. Unless it is about to be done, end it: kill \(process)"
    }
}
