import Shared
import SharedRedis
import Synchronization

/// The unlisted paths that the event loops have found; only sampled requests come here.
final class SurveyBoard: Sendable {
    private let survey = Mutex(RedactionSurvey())
    private let intake: String

    /// Creates a board of an intake, whose name is unique among running ones.
    init(intake: String) {
        self.intake = intake
    }

    /// Adds what one document showed.
    func add(_ paths: [UnlistedPath: Int], policy: Int, source: SourceID, account: String) {
        survey.withLock { $0.add(paths, policy: policy, source: source, account: account) }
    }

    /// The commands that publish what has changed since the last call; none when nothing has.
    func takeCommands(at now: Timestamp) -> [RedisCommand] {
        survey.withLock { $0.takeChanged() }.flatMap { source, page in
            RedisRedactionReports.publish(page.encoded(at: now), of: source, by: intake)
        }
    }
}
