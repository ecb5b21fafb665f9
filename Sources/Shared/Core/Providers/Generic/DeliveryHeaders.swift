/// The headers by which senders name a delivery.
enum DeliveryHeaders {
    /// The delivery's id: Standard Webhooks, CloudEvents (source and id are unique together),
    /// `Idempotency-Key`, WooCommerce; nil when there is none, or none that is a machine token.
    static func id(_ headers: any HeaderLookup) -> String? {
        if let id = ProvenanceText.token(headers.first("webhook-id")) { return id }
        if let source = headers.first("ce-source"), let id = headers.first("ce-id") {
            if let pair = ProvenanceText.token("\(source)|\(id)") { return pair }
        }
        return ProvenanceText.token(headers.first("idempotency-key"))
            ?? ProvenanceText.token(headers.first("x-wc-webhook-delivery-id"))
    }
}
