import Logging
import Shared
import SharedRuntime

/// The spool that the settings ask for.
enum SpoolStart {
    /// Opens it, returns nil where it is switched off, or ends the process with what to do.
    static func spool(of settings: Settings, logger: Logger) -> DiskSpool? {
        guard settings.spoolMaxBytes > 0 else { return nil }
        do {
            return try DiskSpool(
                files: SpoolFiles(folder: "\(settings.home)/spool"),
                maxBytes: settings.spoolMaxBytes,
                clock: SystemClock(),
                logger: logger
            )
        } catch {
            ProgramStart.refuse("The spool can't be used: \(error)", code: ProgramStart.exitConfiguration)
        }
    }
}
