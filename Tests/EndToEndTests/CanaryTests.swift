import Foundation
import Shared
import TestSupport
import Testing

/// Raw personal data of the fixtures is found nowhere once the intake has answered.
@Suite("Canaries", .serialized)
struct CanaryTests {
    /// Members whose text is personal data wherever they stand.
    private static let personal: Set<String> = [
        "email", "contact_email", "phone", "first_name", "last_name", "firstName", "lastName", "address1",
        "address2",
        "address", "zip", "postcode", "nationalId", "taxNumber", "browser_ip", "note", "customernote",
        "buyername",
        "buyersurname", "company", "user_agent", "tracking_number", "trackingNumber", "receipt_email",
        "line1", "iban",
    ]

    @Test("no e-mail, phone, name or address of a fixture is in Redis, the database, the logs or an answer")
    func nothingLeaks() throws {
        let system = try Installation()
        try system.startIntake()
        try system.startWorker()
        try system.startDashboard()
        let delivered = try deliver(to: system)
        var answers = delivered.answers
        #expect(delivered.secrets.count > 500)
        try system.waitUntilIdle(within: .seconds(60))
        answers.append(try system.front.get("/metrics").text)
        for path in ["/dashboard/kpi", "/dashboard/series", "/dashboard/alerts"] {
            answers.append(try system.page.get(path).text)
        }
        let files = try system.files()
        #expect(files.contains { $0.name.hasSuffix(".db") } && files.contains { $0.name.hasSuffix(".aof") })
        #expect(try system.stop().allSatisfy { $0 == .code(0) })
        let haystacks =
            files.map { ($0.name, $0.bytes) }
            + (system.logs + answers).map { ("log or answer", Data($0.utf8)) }
        search(haystacks)
    }

    @Test("no e-mail, phone, name or address of a fixture is in the spool while Redis is away")
    func nothingIsSpooled() throws {
        let system = try Installation()
        try system.startIntake()
        system.redis.kill()
        let (secrets, answers) = try deliver(to: system)
        #expect(secrets.count > 500)
        #expect(answers.contains { $0.contains("spooled") })
        let folder = system.home.file("spool")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { name in
            (name, FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data())
        }
        #expect(files.contains { $0.1.count > 10_000 })
        search(files)
    }

    /// Sends every fixture with canaries in it; returns the canaries and what was answered.
    private func deliver(to system: Installation) throws -> (secrets: Set<String>, answers: [String]) {
        var secrets: Set<String> = []
        var answers: [String] = []
        var number = 0
        for delivery in try OwnFixtures.deliveries() {
            var body = delivery.body
            if let document = try? JSONDocument(body) {
                body = plant(into: document.root, secrets: &secrets, number: &number)
            }
            var headers = delivery.headers
            headers["authorization"] = secret(&number, &secrets)
            headers["cookie"] = secret(&number, &secrets)
            headers["user-agent"] = secret(&number, &secrets)
            let path = "\(delivery.path)?token=\(secret(&number, &secrets))"
            answers.append(try system.front.post(path, headers: headers, body: body).text)
            // The same as no JSON, and cut off in the middle.
            answers.append(try system.front.post(path, headers: headers, body: [0x7B] + body).text)
            answers.append(try system.front.post(path, headers: headers, body: Array(body.dropLast(9))).text)
        }
        return (secrets, answers)
    }

    /// Records an issue for everything that holds a canary.
    private func search(_ haystacks: [(String, Data)]) {
        for (name, bytes) in haystacks {
            // One search for what all canaries begin with; which one it was is told only when there is a hit.
            guard let hit = bytes.range(of: Data("zqcanary".utf8)) else { continue }
            Issue.record(
                "\(name) holds \(String(decoding: bytes[hit.lowerBound...].prefix(24), as: UTF8.self))"
            )
        }
    }

    private func secret(_ number: inout Int, _ secrets: inout Set<String>) -> String {
        number += 1
        let secret = "zqcanary\(number)"
        secrets.insert(secret)
        return secret
    }

    /// The document with a canary in every personal text, and an unlisted member with one in every object.
    private func plant(into value: JSONValue, secrets: inout Set<String>, number: inout Int) -> [UInt8] {
        var writer = JSONWriter()
        write(value, key: "", to: &writer, secrets: &secrets, number: &number)
        return writer.bytes
    }

    private func write(
        _ value: JSONValue,
        key: String,
        to writer: inout JSONWriter,
        secrets: inout Set<String>,
        number: inout Int
    ) {
        switch value.kind {
        case .object:
            writer.beginObject()
            for member in value.members {
                writer.key(member.key)
                write(member.value, key: member.key, to: &writer, secrets: &secrets, number: &number)
            }
            writer.key("unlisted_member")
            writer.append(string: secret(&number, &secrets))
            writer.key(secret(&number, &secrets) + "@example.com")
            writer.append(int: 1)
            writer.endObject()
        case .array:
            writer.beginArray()
            for element in value.elements {
                write(element, key: key, to: &writer, secrets: &secrets, number: &number)
            }
            writer.endArray()
        case .string where Self.personal.contains(key):
            let canary = secret(&number, &secrets)
            let isEmail = value.string?.contains("@") ?? false
            writer.append(string: isEmail ? "\(canary)@example.com" : "\(value.string ?? "") \(canary)")
        default: writer.append(raw: value.rawBytes)
        }
    }
}
