import Foundation

/// Writes what senders put into forms.
enum FormText {
    /// Base64, percent-encoded for a form.
    static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "%2B").replacing("=", with: "%3D")
    }
}
