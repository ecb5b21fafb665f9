import Glibc
import Shared

/// A way into the intake, with all that its requests need looked up once.
final class Door {
    /// The adapter and the route.
    let match: RouteMatch
    /// The secrets of its source; empty where none is configured.
    let secrets: SourceSecrets
    /// The source's queue.
    let source: SourceID
    /// Its counters, once they are known for good.
    var meter: Meter?

    init(_ match: RouteMatch, settings: Settings) {
        self.match = match
        source = match.receiver.source
        secrets =
            settings.secrets(named: match.receiver.secretName(pathSource: match.pathSource))
            ?? SourceSecrets()
    }
}

/// Finds the door that a request's target names; targets that come again are found by their bytes.
struct DoorTable {
    /// How many targets are remembered; one that is pushed out only costs another look at the routes.
    private static let rememberedMax = 32

    private let router: WebhookRouter
    private let settings: Settings
    private var remembered: [(target: [UInt8], door: Door)] = []
    private var nextSlot = 0
    private var lastFound = 0

    init(router: WebhookRouter, settings: Settings) {
        self.router = router
        self.settings = settings
    }

    /// Returns the door of a target, or nil.
    mutating func door(for target: UnsafeRawBufferPointer) -> Door? {
        if lastFound < remembered.count, isTarget(target, ofSlot: lastFound) {
            return remembered[lastFound].door
        }
        for slot in remembered.indices where isTarget(target, ofSlot: slot) {
            lastFound = slot
            return remembered[slot].door
        }
        let text = String(decoding: target, as: UTF8.self)
        guard let match = router.route(for: RequestFraming.path(of: text), basePath: settings.basePath) else {
            return nil
        }
        let door = Door(match, settings: settings)
        remember(Array(target), door)
        return door
    }

    private func isTarget(_ target: UnsafeRawBufferPointer, ofSlot slot: Int) -> Bool {
        guard remembered[slot].target.count == target.count, let start = target.baseAddress else {
            return false
        }
        return remembered[slot].target.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp($0, start, target.count) == 0 } ?? false
        }
    }

    private mutating func remember(_ target: [UInt8], _ door: Door) {
        if remembered.count < Self.rememberedMax { return remembered.append((target, door)) }
        remembered[nextSlot] = (target, door)
        nextSlot = (nextSlot + 1) % Self.rememberedMax
    }
}
