/// Which release of the programs this is.
public enum Release {
    /// The version, as the programs state it in metrics and records.
    public static let version = "1.0"
}
