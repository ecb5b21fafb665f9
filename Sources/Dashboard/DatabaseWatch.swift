import ServiceLifecycle
import Shared

/// Ends the dashboard once its database was moved, deleted or replaced: it would show the old one for ever,
/// which looks like the new one.
///
/// A new start reads what is there then. Closing the old one and going on would not do: SQLite deletes the
/// log by its path, which may be the new database's by now.
struct DatabaseWatch: Service {
    /// What is watched.
    let store: LateReportStore
    /// How long it waits between two looks.
    var period = Duration.seconds(2)

    /// Watches until the shutdown begins.
    ///
    /// - Throws: ``StoreError`` of code `incompatible`, with what happened.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try store.checkStore()
                try? await Task.sleep(for: period)
            }
        }
    }
}
