import NIOCore
import Shared
import Testing

@testable import growth_intake

@Suite("Parts of the intake") struct PartTests {
    @Test(
        "dates are those of RFC 9110",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_795_428_000, "Mon, 23 Nov 2026 10:00:00 GMT"),
            (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
            (-5, "Thu, 01 Jan 1970 00:00:00 GMT"),
        ]
    )
    func dates(_ seconds: Int64, _ text: String) {
        var date = HTTPDate()
        #expect(date.text(at: Timestamp(milliseconds: seconds * 1000)) == text)
        #expect(date.text(at: Timestamp(milliseconds: seconds * 1000 + 999)) == text)
    }

    @Test("the date follows the clock, back too")
    func dateFollows() {
        var date = HTTPDate()
        #expect(date.text(at: Timestamp(milliseconds: 61_000)).hasSuffix("00:01:01 GMT"))
        #expect(date.text(at: Timestamp(milliseconds: 62_000)).hasSuffix("00:01:02 GMT"))
        #expect(date.text(at: Timestamp(milliseconds: 61_000)).hasSuffix("00:01:01 GMT"))
    }

    @Test("an intake that strangers reach and that knows no secret is refused, unless told so")
    func exposure() throws {
        func problem(_ environment: [String: String]) throws -> String? {
            IntakeExposure.problem(of: try Settings(environment: environment))
        }
        let open = ["GROWTH_INTAKE_LISTEN": "0.0.0.0:8001"]
        #expect(try problem(open)?.contains("GROWTH_ALLOW_UNSIGNED=always") == true)
        #expect(try problem(["GROWTH_INTAKE_LISTEN": "[::]:8001"]) != nil)
        #expect(try problem(open.merging(["GROWTH_ALLOW_UNSIGNED": "always"]) { $1 }) == nil)
        #expect(try problem(open.merging(["GROWTH_ALLOW_UNSIGNED": "never"]) { $1 }) == nil)
        #expect(try problem(open.merging(["GROWTH_STRIPE_SECRETS": "s"]) { $1 }) == nil)
        #expect(try problem(open.merging(["GROWTH_SHOPIFY_SHOPS": "a.myshopify.com"]) { $1 }) != nil)
        #expect(try problem(["GROWTH_TRUSTED_PROXIES": "127.0.0.1"]) != nil)
        #expect(try problem(["GROWTH_TRUSTED_PROXIES": "unix:", "GROWTH_STRIPE_SECRETS": "s"]) == nil)
        #expect(try problem([:]) == nil)
        #expect(try problem(["GROWTH_INTAKE_LISTEN": "unix:/run/growth.sock"]) == nil)
    }

    @Test("answers leave in the order of their requests, whatever the order in which they come")
    func answerQueue() {
        var queue = AnswerQueue()
        let head = HTTPHead()
        let tickets = (0..<4).map { _ in queue.open(for: head, keepAlive: true) }
        func write(endsWithLast: Bool = false) -> (text: String, ends: Bool) {
            var buffer = ByteBuffer()
            let written = queue.write(into: &buffer, lead: AnswerLead(date: "D"), endsWithLast: endsWithLast)
            let bodies = String(buffer: buffer).split(separator: "\r\n\r\n").dropFirst()
            return (bodies.map { String($0.prefix(1)) }.joined(), written.ends)
        }
        #expect(queue.isNext(tickets[0]) && !queue.isNext(tickets[1]))
        queue.answer(tickets[1], with: .text("b"))
        #expect(!queue.isReady)
        #expect(write() == ("", false))
        queue.answer(tickets[0], with: .text("a"))
        queue.answer(tickets[0], with: .text("x"))
        #expect(write(endsWithLast: true) == ("ab", false))
        queue.answer(tickets[0], with: .text("x"))
        #expect(queue.count == 2 && queue.isNext(tickets[2]))
        queue.answer(tickets[2], with: .text("c").closing())
        queue.answer(tickets[3], with: .text("d"))
        #expect(write() == ("c", true))
        queue.removeAll()
        queue.answer(tickets[3], with: .text("x"))
        let later = queue.open(for: head, keepAlive: true)
        queue.answer(later, with: .text("e"))
        #expect(write(endsWithLast: true) == ("e", true))
        #expect(queue.isEmpty)
    }
}
