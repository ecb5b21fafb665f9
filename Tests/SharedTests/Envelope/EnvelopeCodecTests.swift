import TestSupport
import Testing

@testable import Shared

@Suite("Envelope codec")
struct EnvelopeCodecTests {
    private func envelope(
        body: String = #"{"id":1}"#,
        unreadable: String? = nil,
        secret: Int? = 0,
        customer: String? = "h1:k1:ab",
        account: String = "shop.example"
    ) -> Envelope {
        Envelope(
            id: "01KATQ0000000000000000TEST",
            source: SourceID(literal: "shopify"),
            provenance: Provenance(
                account: account,
                topic: "orders/paid",
                deliveryID: "d1",
                eventID: "e1",
                occurredAt: unreadable == nil ? Timestamp(milliseconds: 1_795_427_999_877) : nil,
                isTest: false
            ),
            receivedAt: EnvelopeFixture.receivedAt,
            signature: .verified,
            secretIndex: secret,
            bodySHA256: "00ff",
            byteCount: 7239,
            intake: "host-1",
            keyID: "k1",
            pseudonymisedCount: 9,
            droppedCount: 31,
            customer: customer,
            unreadable: unreadable,
            body: Array(body.utf8)
        )
    }

    private func text(_ envelope: Envelope) -> String { String(decoding: envelope.encoded(), as: UTF8.self) }

    @Test("writes the documented keys in the documented order")
    func order() {
        #expect(
            text(envelope())
                == #"{"v":1,"id":"01KATQ0000000000000000TEST","source":"shopify","account":"shop.example","#
                + #""topic":"orders/paid","delivery_id":"d1","event_id":"e1","#
                + #""received_at":"2026-11-23T10:00:00.000Z","occurred_at":"2026-11-23T09:59:59.877Z","#
                + #""signature":"verified","secret":0,"sha256":"00ff","bytes":7239,"test":false,"#
                + #""intake":"host-1","attempt":0,"key":"k1","redacted":{"pseudonymised":9,"dropped":31},"#
                + #""customer":"h1:k1:ab","body":{"id":1}}"#
        )
    }

    @Test("writes null for what is absent, and why there is no body")
    func absent() {
        let text = text(envelope(body: "", unreadable: "not-json", secret: nil, customer: nil))
        #expect(text.contains(#""occurred_at":null,"signature":"verified","secret":null,"#))
        #expect(text.hasSuffix(#""customer":null,"unreadable":"not-json","body":null}"#))
    }

    @Test("reads back what it wrote", arguments: ["{}", "[1,2]", "7", #""text""#, ""])
    func roundTrip(_ body: String) throws {
        let first = envelope(
            body: body,
            unreadable: body.isEmpty ? "too-deep" : nil,
            secret: nil,
            customer: nil
        )
        let decoded = try DecodedEnvelope(decoding: first.encoded())
        #expect(decoded.envelope.encoded() == first.encoded())
        #expect(decoded.envelope.provenance == first.provenance)
        #expect(decoded.envelope.body == Array(body.utf8))
        #expect(decoded.body.exists == !body.isEmpty)
    }

    @Test("carries why the signature did not verify, in fixed words; what another release says is left out")
    func failure() throws {
        let plain = text(envelope()).replacing(#""signature":"verified""#, with: #""signature":"failed""#)
        for (member, kept) in [
            (#""failure":"stale","#, #""failure":"stale","#), (#""failure":"other-account","#, nil),
            (#""failure":"<script>","#, ""), (#""failure":7,"#, ""), (#""failure":null,"#, ""), ("", ""),
        ] as [(String, String?)] {
            let line = plain.replacing(#""body":"#, with: member + #""body":"#)
            let again = String(decoding: try Envelope(decoding: Array(line.utf8)).encoded(), as: UTF8.self)
            #expect(again == plain.replacing(#""body":"#, with: (kept ?? member) + #""body":"#), "\(member)")
        }
    }

    @Test("escapes and bounds text from outside at a character's boundary")
    func bounds() throws {
        let nasty = "a\"b\\c\n\u{1}" + String(repeating: "👩‍👩‍👧‍👦", count: 100)
        let line = envelope(account: nasty).encoded()
        #expect(!line.contains(0x0A))
        let account = try Envelope(decoding: line).provenance.account
        #expect(account.utf8.count <= 256)
        #expect(nasty.hasPrefix(account))
        #expect(account.utf8.count > 256 - 26)
        #expect("abç".bounded(toUTF8Count: 3) == "ab")
        #expect("👩‍👩‍👧‍👦".bounded(toUTF8Count: 10) == "")
        #expect("abc".bounded(toUTF8Count: 3) == "abc")
    }

    @Test("raises the attempt, says why the last one failed, and changes nothing else")
    func attempt() throws {
        let broken = DeadReason.storeConstraint("A \"rule\".")
        let next = envelope().raisingAttempt(after: .unknownSource("x")).raisingAttempt(after: broken)
        #expect(next.attempt == 2)
        let failed = #""attempt":2,"error":"store-constraint: A \"rule\".""#
        #expect(text(next) == text(envelope()).replacing(#""attempt":0"#, with: failed))
        #expect(try Envelope(decoding: next.encoded()).lastError == broken.description)
        #expect(try Envelope(decoding: envelope().encoded()).lastError == nil)
        var last = envelope()
        last.attempt = .max
        let long = last.raisingAttempt(after: .storeConstraint(String(repeating: "ü", count: 600)))
        #expect(long.attempt == .max)
        #expect(long.lastError?.utf8.count == 1_024)
    }

    @Test(
        "reads an envelope whose reason of the last try is of another form",
        arguments: ["7", "null", "{}"]
    )
    func strangeError(value: String) throws {
        let line = text(envelope()).replacing(#""attempt":0"#, with: #""attempt":1,"error":\#(value)"#)
        let read = try Envelope(decoding: Array(line.utf8))
        #expect(read.attempt == 1)
        #expect(read.lastError == nil)
    }

    @Test("refuses other versions and broken fields, naming the field and never its value")
    func refused() throws {
        let line = text(envelope())
        for (from, to, word) in [
            (#""v":1"#, #""v":2"#, "v"), (#""v":1"#, #""v":"1""#, "v"),
            (#""source":"shopify""#, #""source":"a b""#, "source"),
            (#""verified""#, #""perhaps""#, "signature"), (#""bytes":7239"#, #""bytes":-1"#, "bytes"),
            (#""bytes":7239"#, #""bytes":99999999999999999999"#, "bytes"),
            (#""attempt":0"#, #""attempt":0.5"#, "attempt"),
            (#""test":false"#, #""test":0"#, "test"), (#"2026-11-23T10:00"#, #"gestern"#, "received_at"),
            (#""body":{"id":1}"#, #""bod":null"#, "body"), (#""topic":"orders/paid","#, "", "topic"),
            (#""redacted":{"#, #""redact":{"#, "pseudonymised"),
        ] {
            let broken = line.replacing(from, with: to)
            #expect(broken != line)
            let error = #expect(throws: Rejection.self) { try Envelope(decoding: Array(broken.utf8)) }
            #expect(error?.reason.code == "unreadable-envelope")
            #expect(error?.reason.detail.contains("The field \(word) ") == true, "\(to)")
            #expect(error?.reason.detail.contains("gestern") == false)
        }
        for bytes in ["", "null", "[]", "{", "not json"] {
            #expect(throws: Rejection.self) { try Envelope(decoding: Array(bytes.utf8)) }
        }
    }

    @Test("a body of the greatest depth survives envelope and dead letter")
    func depth() throws {
        let body =
            String(repeating: "[", count: JSONLimits.default.depth)
            + String(repeating: "]", count: JSONLimits.default.depth)
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/a", json: body)
        #expect(fixture.envelope.unreadable == nil)
        let letter = DeadLetter(
            job: fixture.line,
            reason: .unmappedShape("x"),
            worker: "w",
            at: EnvelopeFixture.receivedAt
        )
        #expect(try DeadLetter(decoding: letter.encoded()).job == fixture.line)
        let deeper = try EnvelopeFixture(path: "/webhooks/generic/a", json: "[\(body)]")
        #expect(deeper.envelope.unreadable == "too-deep")
    }
}

@Suite("Dead letter codec")
struct DeadLetterTests {
    private let at = EnvelopeFixture.receivedAt

    @Test("holds the envelope as JSON, with its id and attempt")
    func envelope() throws {
        let fixture = try EnvelopeFixture(path: "/webhooks/generic/a", json: "{}")
        let job = fixture.envelope.raisingAttempt(after: .unknownSource("x")).encoded()
        let letter = DeadLetter(job: job, reason: .missingField("order.id"), worker: "w-1", at: at)
        let line = String(decoding: letter.encoded(), as: UTF8.self)
        #expect(
            line.hasPrefix(
                #"{"id":"\#(EnvelopeFixture.id)","reason":"missing-field","error":"The field order.id"#
            )
        )
        #expect(line.contains(#""attempt":1,"worker":"w-1","at":"2026-11-23T10:00:00.000Z","job":{"v":1,"#))
        let decoded = try DeadLetter(decoding: letter.encoded())
        #expect(decoded.job == job)
        #expect(decoded.isRetryable)
        #expect(decoded.reason == .missingField("order.id"))
        #expect(decoded.encoded() == letter.encoded())
    }

    @Test("gives back a job that is a text in JSON as the bytes that it was")
    func textJob() throws {
        let job = Array(#" "\u2028é" "#.utf8)
        let letter = DeadLetter(
            job: job,
            reason: .unreadableEnvelope("x"),
            worker: "w",
            at: Timestamp(milliseconds: 0)
        )
        let again = try DeadLetter(decoding: letter.encoded())
        #expect(!letter.isRetryable && !again.isRetryable)
        #expect(again.job == job && again.encoded() == letter.encoded())
    }

    @Test("quotes at most 4 KiB of a job that is no JSON")
    func quote() throws {
        let job = Array("kötü \"job\"\n".utf8) + [0xFF] + [UInt8](repeating: 0x61, count: 10_000)
        let line = DeadLetter(job: job, reason: .unreadableEnvelope("x"), worker: "w", at: at).encoded()
        #expect(line.count < 5_000)
        #expect(!line.contains(0x0A))
        let decoded = try DeadLetter(decoding: line)
        #expect(!decoded.isRetryable)
        #expect(decoded.id.isEmpty)
        #expect(String(decoding: decoded.job, as: UTF8.self).hasPrefix("kötü \"job\"\n\u{FFFD}aaa"))
    }

    @Test("quotes the same when a quote is quoted", arguments: [[0xFF], [0x61, 0xF0, 0x9F, 0x92, 0xB6]])
    func quoteOfQuote(pattern: [UInt8]) throws {
        let job = Array(repeatElement(pattern, count: 1_713).joined())
        let letter = DeadLetter(job: job, reason: .unreadableEnvelope("x"), worker: "w", at: at)
        let again = try DeadLetter(decoding: letter.encoded())
        #expect(letter.job.count <= DeadLetter.maximumQuote)
        #expect(letter.job.count > DeadLetter.maximumQuote - 4)
        #expect(again.job == letter.job)
        #expect(again.encoded() == letter.encoded())
    }

    @Test("stays one line for JSON that came with line breaks")
    func lineBreaks() throws {
        let line = DeadLetter(
            job: Array("{\n\r\"id\":\"x\"}".utf8),
            reason: .unreadableEnvelope("x"),
            worker: "w",
            at: at
        )
        .encoded()
        #expect(!line.contains(0x0A) && !line.contains(0x0D))
        #expect(try DeadLetter(decoding: line).id == "x")
        #expect(throws: Rejection.self) { try DeadLetter(decoding: Array("{}".utf8)) }
    }
}
