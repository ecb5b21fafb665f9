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

@Suite("Metrics with labels")
struct LabelledMetricsTests {
    @Test("a family may have several labels, and histograms one; the text is well-formed")
    func labels() throws {
        var text = MetricsText()
        text.family(
            "a_total",
            .counter,
            "Things.",
            samples: [([("x", "1"), ("y", "\"")], 2), ([("x", "1")], 3), ([], 4)]
        )
        var first = Histogram(bounds: [1, 2])
        first.observe(1.5)
        var second = first
        second.observe(7)
        text.histogram("h", "Times.", by: "route", [("a", first), ("b", second)])
        let read = try Exposition(text.text)
        #expect(read.value("a_total", ["x": "1", "y": "\""]) == 2)
        #expect(read.value("a_total", ["x": "1"]) == 3)
        #expect(read.value("h_count", ["route": "a"]) == 1)
        #expect(read.value("h_sum", ["route": "b"]) == 8.5)
        #expect(read.value("h_bucket", ["route": "b", "le": "2"]) == 1)
    }

    @Test("histograms add up")
    func adding() {
        var sum = Histogram(bounds: [1, 2])
        var other = sum
        for value in [0.5, 1.5, 9] { other.observe(value) }
        sum.observe(1)
        sum.add(other)
        #expect(sum.counts == [2, 1, 1])
        #expect(sum.sum == 12)
    }

    @Test(
        "what is not well-formed is told from what is",
        arguments: [
            "a 1\n", "# HELP a x\n# TYPE a gauge\na 1", "# TYPE a gauge\na 1\n", "# HELP a x\na 1\n",
            "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n",
            "# HELP a x\n# TYPE a gauge\na 1\na 1\n", "# HELP a x\n# TYPE a gauge\nb 1\n",
            "# HELP a x\n# TYPE a gauge\na 1 5\n", "# HELP a x\n# TYPE a gauge\na{b=\"c\" 1\n",
            "# HELP a x\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n", "# HELP a x\n# TYPE a gauge\na{=\"c\"} 1\n",
            "# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n",
            "# HELP a_total x\n# TYPE a_total counter\na_total -1\n",
            "# HELP h x\n# TYPE h histogram\nh_count 1\n", "# HELP a x\n# TYPE a gauge\na{b=\"\\q\"} 1\n",
            "# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
        ]
    )
    func malformed(_ text: String) {
        #expect(throws: TestSupportError.self) { try Exposition(text) }
    }
}
