import TestSupport
import Testing

@testable import Shared

@Suite("Trace parent")
struct TraceParentTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let good = "00-\(trace)-00f067aa0ba902b7-01"

    private func line(_ headers: [String: String]) throws -> String {
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/a", headers: headers, json: "{}")
        return String(decoding: fixture.line, as: UTF8.self)
    }

    @Test("takes version 00 with lower-case digits")
    func accepts() throws {
        let parent = try #require(TraceParent(Self.good))
        #expect(parent.text == Self.good)
        #expect(parent.traceID == Self.trace)
        #expect(TraceParent("00-\(Self.trace)-00f067aa0ba902b7-ff") != nil)
    }

    @Test(
        "takes nothing else",
        arguments: [
            "", "00", "01-\(trace)-00f067aa0ba902b7-01", "ff-\(trace)-00f067aa0ba902b7-01",
            "00-\(trace)-00f067aa0ba902b7-01-more", "00-\(trace)-00f067aa0ba902b7-1",
            "00-\(trace)-00f067aa0ba902b7-0g", "00-\(trace.uppercased())-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-\(trace)-0000000000000000-01",
            "00-\(trace)_00f067aa0ba902b7-01", " 00-\(trace)-00f067aa0ba902b7-0",
            "00-\(trace.dropLast())ü00f067aa0ba902b7-01", "00-\(trace)-00f067aa0ba902b7-01\n",
            "00-first@example.com-0000000-00f067aa0ba902b7-01xxxx",
        ]
    )
    func refuses(_ text: String) {
        #expect(TraceParent(text) == nil)
    }

    @Test("is carried in the envelope in front of the body, and read back; tracestate never is")
    func envelope() throws {
        let text = try line(["traceparent": Self.good, "tracestate": "vendor=first@example.com"])
        #expect(text.hasSuffix(#""customer":null,"traceparent":"\#(Self.good)","body":{}}"#))
        #expect(!text.contains("vendor"))
        let envelope = try Envelope(decoding: Array(text.utf8))
        #expect(envelope.traceParent?.traceID == Self.trace)
        #expect(envelope.raisingAttempt(after: .unknownSource("x")).traceParent == envelope.traceParent)
    }

    @Test("none is invented, and an envelope without one stays as it was")
    func absent() throws {
        for headers in [[:], ["traceparent": "00-free text"], ["tracestate": "a=b"]] {
            let text = try line(headers)
            #expect(text.hasSuffix(#""customer":null,"body":{}}"#))
            #expect(try Envelope(decoding: Array(text.utf8)).traceParent == nil)
        }
    }

    @Test("a body that can't be read keeps its trace, and so does its dead letter")
    func unreadable() throws {
        let fixture = try EnvelopeFixture(
            path: "/webhooks/generic/a",
            headers: ["traceparent": Self.good],
            json: "no json"
        )
        let text = String(decoding: fixture.line, as: UTF8.self)
        #expect(text.contains(#""traceparent":"\#(Self.good)","unreadable":"not-json""#))
        let letter = DeadLetter(
            job: fixture.line,
            reason: .unmappedShape("x"),
            worker: "w",
            at: EnvelopeFixture.receivedAt
        )
        let job = try DeadLetter(decoding: letter.encoded()).job
        #expect(try Envelope(decoding: job).traceParent?.traceID == Self.trace)
    }

    @Test("a line whose traceparent is none is no envelope")
    func broken() throws {
        let text = try line(["traceparent": Self.good]).replacing(Self.trace, with: "x")
        let error = #expect(throws: Rejection.self) { try Envelope(decoding: Array(text.utf8)) }
        #expect(error?.reason.detail.contains("traceparent") == true)
    }
}
