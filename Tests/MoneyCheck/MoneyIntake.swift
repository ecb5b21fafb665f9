package import MoneyModel
package import Shared
import TestSupport

/// The intake's own pipeline, in process: from a request to the line that would stand on a queue.
package struct MoneyIntake {
    private let pipeline: IntakePipeline
    private var count = 0

    package init() throws {
        let keyRing = try PseudonymKeyRing.generate(randomBytes: [UInt8](repeating: 7, count: 32))
        pipeline = IntakePipeline(
            redactor: Redactor(keyRing: keyRing),
            keyID: keyRing.activeKeyID,
            intake: "money"
        )
    }

    /// The envelope of a webhook and the source on whose list it goes.
    package mutating func receive(_ webhook: Webhook) throws -> (source: SourceID, line: [UInt8]) {
        guard let match = ProviderCatalog.route(for: webhook.path) else {
            throw TestSupportError("No door for \(webhook.path).")
        }
        count += 1
        let digits = String(count)
        let decision = Array(webhook.body.utf8).withUnsafeBytes { bytes in
            pipeline.decide(
                WebhookRequest(
                    variant: match.route.variant,
                    pathSource: match.pathSource,
                    headers: FixtureHeaders(webhook.headers),
                    body: bytes,
                    receivedAt: Timestamp(milliseconds: webhook.receivedAt * 1000)
                ),
                match: match,
                secrets: SourceSecrets(),
                allowsUnsigned: true,
                id: "01KATQ" + String(repeating: "0", count: 20 - digits.count) + digits
            )
        }
        guard case .enqueue(let source, let line, _) = decision else {
            throw TestSupportError("The intake refused a webhook of \(webhook.subject).")
        }
        return (source, line)
    }
}
