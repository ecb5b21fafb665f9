import ArgumentParser
import Shared
import SharedOutgoing
import SharedRuntime

extension AlertsCommand {
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a test message to where alerts are sent, and shows the answer.",
            discussion: """
                The message is signed as those about alerts are; its type is alert.test. It goes from this \
                machine, at once, past the outbox. Exit code 1 unless it arrives.

                EXAMPLES:
                  growthctl alerts test
                """
        )

        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let webhook = ProgramStart.settings().alertWebhook else {
                throw Refusal(
                    "Nothing is sent: set GROWTH_ALERT_WEBHOOK_URL and GROWTH_ALERT_WEBHOOK_SECRET, for the "
                        + "workers too."
                )
            }
            let now = SystemClock().now
            let body = TestNotification.body(at: now)
            let headers = webhook.headers(id: TestNotification.messageID(at: now), body: body, at: now)
            let answer = WebhookPost().send(webhook.target, headers, body)
            let (text, hasArrived) = Self.reading(answer)
            output.say(
                hasArrived
                    ? "The message arrived (\(text))."
                    : "The message did not arrive (\(text)); docs/notifications.md says what that means.",
                [("arrived", .flag(hasArrived)), ("answer", .text(text))]
            )
            if !hasArrived { throw Ops.refused }
        }

        /// The answer in the words of `alerts notifications`, and whether it is a good one.
        private static func reading(_ answer: NotificationAttempt.Answer) -> (String, Bool) {
            switch answer {
            case .status(let status, _): ("status \(status)", (200...299).contains(status))
            case .failure(let failure): (failure.rawValue, false)
            }
        }
    }
}
