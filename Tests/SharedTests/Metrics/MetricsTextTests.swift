import Shared
import TestSupport
import Testing

@Suite("Metrics as text")
struct MetricsTextTests {
    @Test("writes families with help, type and samples, and escapes labels")
    func families() {
        var text = MetricsText()
        text.family("a_total", .counter, "Things.", 3)
        text.family("b", .gauge, "Sizes.", by: "of", [("x\"\\\n", 0.5), ("y", -2)])
        text.family("c", .gauge, "Nothing yet.", by: "of", [])
        #expect(
            text.text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total 3
                # HELP b Sizes.
                # TYPE b gauge
                b{of="x\\"\\\\\\n"} 0.5
                b{of="y"} -2
                # HELP c Nothing yet.
                # TYPE c gauge

                """
        )
    }

    @Test("writes a histogram with its buckets summed up")
    func histogram() {
        var histogram = Histogram(bounds: [0.1, 1, 10])
        for value in [0.05, 0.1, 0.5, 1, 5, 50, -1] { histogram.observe(value) }
        var text = MetricsText()
        text.histogram("h", "Times.", histogram)
        #expect(
            text.text == """
                # HELP h Times.
                # TYPE h histogram
                h_bucket{le="0.1"} 3
                h_bucket{le="1"} 5
                h_bucket{le="10"} 6
                h_bucket{le="+Inf"} 7
                h_sum 56.65
                h_count 7

                """
        )
    }

    @Test("counts every observation in the first bucket that holds it")
    func property() {
        var random = SeededGenerator(test: "Histogram")
        for bounds in [Histogram.seconds, Histogram.waits, Histogram.batches] {
            var histogram = Histogram(bounds: bounds)
            var expected = Array(repeating: 0, count: bounds.count + 1)
            for _ in 0..<2000 {
                let value =
                    random.chance(1, in: 4)
                    ? bounds[Int.random(in: 0..<bounds.count, using: &random)]
                    : Double.random(in: 0...(bounds.last ?? 1) * 1.2, using: &random)
                histogram.observe(value)
                expected[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            }
            #expect(histogram.counts == expected)
            #expect(histogram.count == 2000)
        }
    }
}
