import Foundation
import NIOCore
import Shared
import TestSupport
import Testing

@testable import growth_intake

/// Holds docs/openapi.json against the program.
@Suite("OpenAPI of the intake") struct OpenAPITests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func file(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }

    private let document: JSONValue

    init() throws {
        document = try JSONDocument(Self.file("docs/openapi.json")).root
    }

    /// Follows a reference into the document.
    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let path = value["$ref"].string else { return value }
        return path.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
    }

    private func operations() -> [(path: String, method: String, operation: JSONValue)] {
        document["paths"].members.flatMap { path in
            path.value.members.map { (path.key, $0.key, $0.value) }
        }
    }

    private func statuses(_ operation: JSONValue) -> Set<Int> {
        Set(operation["responses"].members.compactMap { Int($0.key) })
    }

    /// Status and type of every problem that the source states.
    private func problems() throws -> [(status: Int, type: String)] {
        let source = String(
            decoding: try Self.file("Sources/Shared/Core/Envelope/Problem.swift"),
            as: UTF8.self
        )
        let found = source.matches(of: /status: (\d{3}),\s+type: "([a-z-]+)"/).map { match in
            (Int(match.output.1) ?? 0, "urn:growth:problem:\(match.output.2)")
        }
        #expect(found.count > 8)
        return found
    }

    @Test("lists every route of the router with its method and every probe, and nothing else")
    func routes() {
        let doors = WebhookRouter(adapters: ProviderCatalog.adapters).doors.map { door in
            "post \(door.route.path)\(door.route.takesSource ? "{source}" : "")"
        }
        let probes = MeterPlan.probes.flatMap { ["get \($0)", "head \($0)"] }
        let listed = operations().map { "\($0.method) \($0.path)" }
        #expect(listed.sorted() == (doors + probes).sorted())
        let identifiers = operations().compactMap { $0.operation["operationId"].string }
        #expect(Set(identifiers).count == listed.count)
    }

    @Test("lists every problem with its status and its type, and no other")
    func problemTypes() throws {
        let problems = try problems()
        let schema = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
        #expect(schema.elements.compactMap(\.string).sorted() == problems.map(\.type).sorted())
        var examples: [String] = []
        for (_, response) in document["components"]["responses"].members {
            for (_, example) in response["content"]["application/problem+json"]["examples"].members {
                let value = example["value"]
                examples.append("\(value["status"].int64 ?? 0) \(value["type"].string ?? "")")
            }
        }
        #expect(examples.sorted() == problems.map { "\($0.status) \($0.type)" }.sorted())
        for (path, method, operation) in operations() where method == "post" {
            var expected = Set(problems.map(\.status))
            if !path.contains("{source}") { expected.remove(404) }
            let isPlain = operation["responses"]["200"].exists
            expected.insert(isPlain ? 200 : 202)
            #expect(statuses(operation) == expected, "\(path)")
        }
    }

    @Test("its texts of problems are those that are sent")
    func problemTexts() throws {
        let all: [Problem] = [
            .malformedRequest, .signatureNotVerified, .unsignedNotAccepted, .notFound, .methodNotAllowed,
            .timedOut, .lengthRequired, .tooLarge, .unsupportedEncoding, .headersTooLarge, .unavailable,
        ]
        var sent: [String: JSONValue] = [:]
        for problem in all { sent[problem.type] = try JSONDocument(problem.encoded()).root }
        for (_, response) in document["components"]["responses"].members {
            for (_, example) in response["content"]["application/problem+json"]["examples"].members {
                let value = example["value"]
                let problem = try #require(sent[value["type"].string ?? ""])
                for key in ["title", "detail"] { #expect(value[key].string == problem[key].string) }
            }
        }
    }

    @Test("every reference leads somewhere")
    func references() throws {
        let text = String(decoding: try Self.file("docs/openapi.json"), as: UTF8.self)
        let paths = Set(text.matches(of: /"\$ref": "([^"]+)"/).map { String($0.output.1) })
        #expect(paths.count > 20)
        for path in paths {
            let target = path.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] }
            #expect(target.exists, "\(path)")
        }
    }

    /// Requests that provoke each answer that one request alone can.
    private func provocations(_ path: String) -> [(status: Int, bytes: String)] {
        let get = "GET \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        func post(_ lines: String...) -> String {
            (["POST \(path) HTTP/1.1", "connection: close"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        }
        let long = "x: \(String(repeating: "y", count: 20_000))"
        return [
            (400, post("content-length: 0")), (405, get), (411, post("host: a")),
            (413, post("host: a", "content-length: 99999999")),
            (415, post("host: a", "content-length: 2", "content-encoding: brotli")),
            (431, post("host: a", long)), (408, "POST \(path) HTTP/1.1\r\nhost: a\r\n"),
        ]
    }

    @Test("what the intake answers is what the document lists, at every door")
    func answers() async throws {
        var limits = IntakeLimits()
        limits.requestTime = .milliseconds(300)
        try await IntakeFixture.run(["GROWTH_STRIPE_SECRETS": "hush"], limits: limits) { intake in
            for (path, method, operation) in operations() where method == "post" {
                let path = path.replacing("{source}", with: "shop")
                for (status, bytes) in provocations(path) {
                    let connection = try intake.connect()
                    try connection.send(bytes)
                    let answer = try connection.nextAnswer()
                    #expect(answer.status == status, "\(path)")
                    try check(answer.status, answer.headers["content-type"], answer.body, operation, path)
                }
                let answer = try intake.client.post(path, body: Array("{}".utf8))
                let expected = path == "/webhooks/stripe" ? 401 : path.hasSuffix("osb") ? 200 : 202
                #expect(answer.status == expected, "\(path)")
                try check(answer.status, answer.headers["content-type"], answer.body, operation, path)
            }
            for (path, method, operation) in operations() where method == "get" {
                let answer = try intake.client.get(path)
                try check(answer.status, answer.headers["content-type"], answer.body, operation, path)
            }
        }
    }

    /// Holds one answer against what the document lists for its operation.
    private func check(
        _ status: Int,
        _ type: String?,
        _ body: [UInt8],
        _ operation: JSONValue,
        _ path: String
    ) throws {
        let response = resolved(operation["responses"]["\(status)"])
        guard response.exists else {
            Issue.record("\(path) answers \(status), which the document does not list.")
            return
        }
        let plain = type?.hasPrefix("text/plain") == true && !response["content"][type ?? ""].exists
        let content = response["content"][plain ? "text/plain" : type ?? ""]
        #expect(content.exists, "\(path) answers \(status) as \(type ?? "nothing").")
        let schema = resolved(content["schema"])
        if let constant = schema["const"].string {
            #expect(String(decoding: body, as: UTF8.self) == constant)
        }
        guard schema["type"].string == "object" else { return }
        let value = try JSONDocument(body).root
        let required = schema["required"].elements.compactMap(\.string)
        #expect(value.members.map(\.key).sorted() == required.sorted(), "\(path) \(status)")
        for (key, property) in schema["properties"].members where property["enum"].exists {
            let allowed = property["enum"].elements.compactMap(\.string)
            #expect(allowed.contains(value[key].string ?? ""), "\(path) \(status) \(key)")
        }
        if let pattern = schema["properties"]["id"]["pattern"].string {
            #expect(try Regex(pattern).firstMatch(in: value["id"].string ?? "") != nil)
        }
    }

    @Test("its examples are taken, and become what they say")
    func examples() throws {
        for (path, method, operation) in operations() where method == "post" {
            let content = operation["requestBody"]["content"]["application/json"]
            for (name, example) in content["examples"].members {
                let fixture = try EnvelopeFixture(
                    path: path.replacing("{source}", with: "shop"),
                    body: example["value"].rawBytes
                )
                let adapter = try #require(
                    ProviderCatalog.adapters.first { $0.source == fixture.envelope.source }
                )
                let said = try adapter.normalize(fixture.envelope, body: fixture.body)
                #expect(name == "heartbeat" || !said.facts.isEmpty, "\(path) \(name)")
            }
        }
    }
}
