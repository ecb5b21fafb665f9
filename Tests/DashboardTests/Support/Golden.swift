/// The answers to the story, byte by byte.
enum Golden {
    static let kpi = "?"
    static let series = "?"
    static let alerts = "?"
    static let csv = "?"
}
