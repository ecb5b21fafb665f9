/// Shopier's two signed forms; its JSON webhooks use the plain ``HMACSignature``.
///
/// A form is read only where there is something to check it with.
enum ShopierSignature {
    /// OSB: `hash` is the hexadecimal HMAC-SHA-256 of `res` as sent plus the user name, under the password.
    ///
    /// Four independent SDKs agree, e.g. canwod/ShopierOTB at 4b823d5.
    static func verifyOSB(_ form: () -> FormBody?, user: String?, password: Secret?) -> SignatureVerdict {
        guard let user, let password else { return .unsigned }
        guard let form = form() else { return .failed(.malformed) }
        guard let message = form["res"], let hash = form["hash"] else { return .failed(.missing) }
        let code = HexDigits.decode(String(decoding: hash, as: UTF8.self))
        return HMACSignature.verdict(
            code: code,
            prefix: message + Array(user.utf8),
            body: UnsafeRawBufferPointer(start: nil, count: 0),
            secrets: [password]
        )
    }

    /// Module callback: `signature` is the base64 HMAC-SHA-256 of `random_nr` plus `platform_order_id`.
    ///
    /// Two independent SDKs agree, e.g. erkineren/shopier at b6d57b7. Status and amount are not signed, and
    /// the two fields are joined without a separator: a callback tells that something happened, never what it
    /// is worth.
    static func verifyCallback(_ form: () -> FormBody?, secrets: [Secret]) -> SignatureVerdict {
        guard !secrets.isEmpty else { return .unsigned }
        guard let form = form() else { return .failed(.malformed) }
        guard let random = form["random_nr"], let order = form["platform_order_id"],
            let signature = form["signature"]
        else { return .failed(.missing) }
        guard !random.isEmpty, !order.isEmpty, signature.count <= 64 else { return .failed(.malformed) }
        return HMACSignature.verdict(
            code: SignatureText.base64(signature),
            prefix: random + order,
            body: UnsafeRawBufferPointer(start: nil, count: 0),
            secrets: secrets
        )
    }
}
