import Shared
import TestSupport
import Testing

@Suite("Messages at Stripe's door that hold no object")
struct StripeShapeTests {
    @Test(
        "are dead letters, not events without use",
        arguments: [
            (#"{"hello":1}"#, "unmapped-shape", "neither an event nor an object"),
            (#"[]"#, "unmapped-shape", "neither an event nor an object"),
            (#"{"id":"evt_1","object":"event","type":"charge.succeeded"}"#, "missing-field", "data.object"),
            (#"{"id":"evt_1","object":"event","type":"x","data":{}}"#, "missing-field", "data.object"),
            (
                #"{"id":"evt_1","object":"v2.core.event","type":"v1.charge.succeeded","related_object":{}}"#,
                "unmapped-shape", "snapshot payloads"
            ),
        ]
    )
    func refused(json: String, code: String, words: String) throws {
        let error = try #require(throws: Rejection.self) { try StripeDelivery(json: json).normalized() }
        #expect(error.reason.code == code)
        #expect(error.reason.detail.contains(words), "\(error.reason.detail)")
    }

    @Test(
        "are noted where they mean nothing",
        arguments: [
            #"{"id":"evt_1","object":"v2.core.event","type":"v2.core.event_destination.ping"}"#,
            #"{"id":"evt_1","object":"event","type":"x.y","data":{"object":{"object":"x","id":"x_1"}}}"#,
        ]
    )
    func noted(json: String) throws {
        let normalized = try StripeDelivery(json: json).normalized()
        #expect(normalized.facts.isEmpty && normalized.note?.hasSuffix("is not used.") == true)
    }
}
