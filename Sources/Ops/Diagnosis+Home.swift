import Foundation
import Shared

extension Diagnosis {
    /// Says that there is no installation where one is looked for; nil where there is one.
    ///
    /// Most likely the command ran in another folder than the programs: to make a key and a database there
    /// would be the wrong advice.
    func missingInstallation() -> Finding? {
        let files = [settings.databasePath, settings.pseudonymKeyFile]
        guard !files.contains(where: { FileManager.default.fileExists(atPath: $0) }) else { return nil }
        return Finding(
            check: "home",
            isFine: false,
            text: "No installation is found in \(Ops.absolute(settings.home)): run this in the folder of "
                + "deploy/up, or set GROWTH_HOME. To make one there: growthctl key generate, "
                + "growthctl migrate."
        )
    }
}
