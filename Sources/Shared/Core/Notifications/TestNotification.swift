/// A message that says nothing but that messages arrive; sent when an operator asks for it.
public enum TestNotification {
    /// The id under which it is sent: another one each time, so that no receiver leaves it out.
    public static func messageID(at now: Timestamp) -> String { "ntf_test_\(now.milliseconds)" }

    /// The JSON that is sent, with the members that every message has.
    public static func body(at now: Timestamp) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.append(string: "alert.test")
            writer.key("timestamp")
            writer.append(string: "\(now)")
            writer.key("text")
            writer.append(string: "A test: alerts about revenue arrive here.")
            writer.key("data")
            writer.object { _ in }
        }
        return writer.bytes
    }
}
