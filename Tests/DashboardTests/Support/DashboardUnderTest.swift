import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Shared
import Testing

@testable import growth_dashboard

/// A clock that shows what the test says.
struct FixedClock: WallClock {
    var now: Timestamp
}

/// A dashboard over a store in memory, asked without a socket.
struct DashboardUnderTest: Sendable {
    let store: ReportStoreDouble
    var configuration: DashboardConfiguration
    var clock = FixedClock(now: Story.now)

    init(_ state: ReportStoreDouble.State = Story.state) throws {
        store = ReportStoreDouble(state)
        let calendar = try #require(BusinessCalendar(identifier: "Europe/Istanbul"))
        configuration = DashboardConfiguration(calendar: calendar)
        configuration.listen = .tcp(host: "127.0.0.1", port: 0)
        configuration.vegaFolder = "/nonexistent"
    }

    func application() throws -> some ApplicationProtocol {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try Dashboard.application(
            configuration: configuration,
            store: store,
            clock: clock,
            logger: logger
        )
    }

    /// Sends one request to the router.
    func request(
        _ uri: String,
        method: HTTPRequest.Method = .get,
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let sent = fields
        return try await application().test(.router) { client in
            let response = try await client.execute(
                uri: uri,
                method: method,
                headers: sent,
                body: body.map { ByteBuffer(string: $0) }
            )
            return Answer(
                status: response.status.code,
                headers: response.headers,
                bytes: Array(response.body.readableBytesView)
            )
        }
    }
}

/// What the dashboard answered.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPFields
    var bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}
