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
            refuse(error)
        }
    }

    /// Ends the process with what to do where the spool's folder can't be used; changes nothing, and doesn't
    /// ask whether an intake runs that has it.
    static func check(_ settings: Settings) {
        guard settings.spoolMaxBytes > 0 else { return }
        do {
            try SpoolFiles(folder: "\(settings.home)/spool").checkFolder()
        } catch {
            refuse(error)
        }
    }

    private static func refuse(_ error: SpoolError) -> Never {
        ProgramStart.refuse("The spool can't be used: \(error)", code: ProgramStart.exitConfiguration)
    }
}
