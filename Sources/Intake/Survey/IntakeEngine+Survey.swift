import NIOCore
import Shared

extension IntakeEngine {
    /// Looks in a second pass for what the allow-list leaves out, in a sample of the accepted webhooks.
    func survey(_ request: WebhookRequest, match: RouteMatch) {
        guard sampler.takes(match.index),
            let found = UnlistedPath.survey(request, receiver: match.receiver)
        else { return }
        surveyBoard.add(
            found.paths,
            policy: found.policy,
            source: match.receiver.source,
            account: match.shownSource?.name ?? ""
        )
    }

    /// Publishes now and then what the survey has found; for one loop of the process.
    func publishSurvey() {
        guard !isStopped else { return }
        if pusher.isAccepting { pusher.send(surveyBoard.takeCommands(at: clock.now)) }
        loop.assumeIsolated().scheduleTask(in: limits.surveyTime) { [self] in publishSurvey() }
    }
}
