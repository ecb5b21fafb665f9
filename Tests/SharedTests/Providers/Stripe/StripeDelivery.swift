import Shared
import TestSupport

/// A Stripe event on its way through intake and adapter.
struct StripeDelivery {
    var json: String

    init(_ name: String) throws {
        json = try ProviderFixture.text("stripe/" + name)
    }

    init(json: String) {
        self.json = json
    }

    /// The delivery with a part of its text replaced.
    func replacing(_ old: String, with new: String) -> StripeDelivery {
        StripeDelivery(json: json.replacing(old, with: new))
    }

    /// What the worker makes of it, after the intake took out the personal data.
    func normalized() throws -> Normalized {
        let fixture = try EnvelopeFixture(path: "/webhooks/stripe", json: json)
        return try StripeAdapter().normalize(fixture.envelope, body: fixture.body)
    }

    /// What the adapter would make of the body as it came in.
    func normalizedWithoutRedaction() throws -> Normalized {
        let fixture = try EnvelopeFixture(path: "/webhooks/stripe", json: json)
        let document = try JSONDocument(Array(json.utf8))
        return try StripeAdapter().normalize(fixture.envelope, body: document.root)
    }
}
