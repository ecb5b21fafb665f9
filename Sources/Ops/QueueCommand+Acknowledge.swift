import ArgumentParser
import Shared
import SharedRedis
import SharedStore

extension QueueCommand {
    /// Ends the alert about a Redis that was emptied or replaced.
    struct Acknowledge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says that somebody saw that Redis was emptied or replaced, and ends the alert.",
            discussion: """
                What waited in it is gone: have the providers send it again first. After a deliberate change
                of Redis it says that nothing was lost with the old one.

                EXAMPLES:
                  growthctl queue acknowledge
                """
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            try Ops.run { settings in
                // A Redis that is new, and that no worker has looked at yet, is acknowledged with it.
                let store = try Ops.store(settings)
                let known = try store.claim().token
                let look = Ops.stoppedRedis() == nil ? try? RedisInstallation.look(Ops.redis(settings)) : nil
                let isNew = look.map { $0.isTokenReadable && $0.token == nil } ?? false
                let loss = try store.acknowledgeLoss(forgetting: isNew ? known : nil)
                let text =
                    if let loss {
                        "Seen: what had come since \(loss.since) and waited in Redis is gone. The alert ends "
                            + "within a few seconds."
                    } else if isNew {
                        "This Redis is taken for a new one; the workers mark it."
                    } else {
                        "There is no loss to be seen."
                    }
                output.say(
                    text,
                    [
                        ("was_lost", .flag(loss != nil)),
                        ("since", loss.map { .text("\($0.since)") } ?? .none),
                    ]
                )
            }
        }
    }
}
