@main
struct GrowthDashboard {
    static func main() {}
}
