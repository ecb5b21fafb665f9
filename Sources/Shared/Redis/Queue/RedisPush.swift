public import Shared

/// What the intake sends: plain commands, written straight into its output buffer.
public enum RedisPush {
    /// How many deliveries the quarantine of a source holds; older ones fall off.
    public static let quarantineLimit = 1000

    /// Writes the command that makes a source's queue known; once per source and connection is enough.
    ///
    /// The reply is how many of them were new.
    public static func register(_ sources: [SourceID], writer: inout RedisCommandWriter) {
        guard !sources.isEmpty else { return }
        write("SADD", RedisKeys.queues, sources.map { Array($0.name.utf8) }, writer: &writer)
    }

    /// Writes two commands that put a delivery whose signature did not verify on the bounded quarantine list.
    ///
    /// Two replies follow: the list's length and a status.
    public static func quarantine(
        _ envelope: some Collection<UInt8>,
        to keys: RedisKeys,
        writer: inout RedisCommandWriter
    ) {
        write("RPUSH", keys.quarantine, CollectionOfOne(envelope), writer: &writer)
        writer.append(RedisCommand("LTRIM", keys.quarantine, String(-quarantineLimit), "-1"))
    }

    private static func write(
        _ name: String,
        _ key: String,
        _ values: some Collection<some Collection<UInt8>>,
        writer: inout RedisCommandWriter
    ) {
        writer.begin(argumentCount: values.count + 2)
        writer.append(argument: name)
        writer.append(argument: key)
        for value in values { writer.append(argument: value) }
    }
}
