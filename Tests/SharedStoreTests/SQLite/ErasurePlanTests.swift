import Shared
import Testing

@testable import SharedStore

@Suite("The plan of an erasure")
struct ErasurePlanTests {
    @Test("is carried out in pages, all deliveries before the first order, each row once")
    func pages() {
        let plan = ErasurePlan(orders: Set(1...1001), deliveries: Set(1...1500))
        let pages = plan.pages(of: 500)
        #expect(pages.map(\.deliveries.count) == [500, 500, 500, 0, 0, 0])
        #expect(pages.map(\.orders.count) == [0, 0, 0, 500, 500, 1])
        #expect(pages.reduce(into: Set<Int64>()) { $0.formUnion($1.orders) } == plan.orders)
        #expect(pages.reduce(into: Set<Int64>()) { $0.formUnion($1.deliveries) } == plan.deliveries)
        #expect(ErasurePlan().pages(of: 500).isEmpty)
    }
}
