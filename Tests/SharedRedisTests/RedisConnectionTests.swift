import Foundation
import Shared
import SharedRedis
import TestSupport
import Testing

@Suite struct RedisConnectionTests {
    @Test("logs in, selects the database, names itself, and pipelines")
    func setUp() throws {
        let server = try RedisServer(.init(password: "p w,%"))
        let url = try RedisURL("redis://:p%20w%2C%25@127.0.0.1:\(server.port)/3")
        let connection = try RedisConnection(url, .init(clientName: "growth-test"))
        let replies = try connection.send([
            RedisCommand("SET", "a", "1"), RedisCommand("NOSUCH", "secret"), RedisCommand("GET", "a"),
            RedisCommand("CLIENT", "GETNAME"),
        ])
        #expect(replies[0] == .status("OK"))
        #expect(replies[2].text == "1")
        #expect(replies[3].text == "growth-test")
        guard case .error(let error) = replies[1] else { return #expect(Bool(false), "No error.") }
        #expect(!error.text.contains("secret"))
        #expect(try server.cli("-n", "3", "GET", "a") == "1")
    }

    @Test("a wrong password is refused without being repeated")
    func wrongPassword() throws {
        let server = try RedisServer(.init(password: "right"))
        let url = try RedisURL("redis://:wrong@127.0.0.1:\(server.port)")
        let error = #expect(throws: QueueError.self) {
            try RedisConnection(url, .init(clientName: "growth-test"))
        }
        #expect(error?.code == .notAccepting)
        #expect(error?.message.contains("WRONGPASS") == true)
        #expect(error?.message.contains("wrong@") == false)
    }

    @Test("a Redis that has no room for another client takes no commands")
    func tooManyClients() throws {
        let server = try RedisServer()
        try server.cli("CONFIG", "SET", "maxclients", "2")
        let url = try RedisURL(server.url)
        let first = try RedisConnection(url, .init(clientName: "growth-test"))
        let second = try RedisConnection(url, .init(clientName: "growth-test"))
        let error = #expect(throws: QueueError.self) {
            try RedisConnection(url, .init(clientName: "growth-test"))
        }
        #expect(error?.code == .notAccepting)
        #expect(error?.message.contains("maxclients") == true)
        #expect(first.isOpen && second.isOpen)
    }

    @Test("nobody listening is unreachable, over TCP and over a socket")
    func unreachable() throws {
        let directory = try TemporaryDirectory()
        for text in ["redis://127.0.0.1:\(try FreePort.find())", "unix://\(directory.file("none.sock"))"] {
            let error = #expect(throws: QueueError.self) {
                try RedisConnection(try RedisURL(text), .init(clientName: "growth-test"))
            }
            #expect(error?.code == .unreachable)
        }
    }

    @Test("a Redis that does not answer is timed out; the client connects anew once it is back")
    func timeout() throws {
        let server = try RedisServer()
        let options = RedisConnection.Options(clientName: "growth-test", commandTimeout: .milliseconds(100))
        let client = RedisClient(try RedisURL(server.url), options)
        #expect(try client.send(RedisCommand("PING")) == .status("PONG"))
        server.freeze()
        let error = #expect(throws: QueueError.self) { try client.send(RedisCommand("INCR", "a")) }
        #expect(error?.code == .timedOut)
        server.thaw()
        let isBack = Eventually.holds(within: .seconds(5)) {
            (try? client.send(RedisCommand("PING"))) == .status("PONG")
        }
        #expect(isBack)
        #expect(try client.send(RedisCommand("GET", "b")) == .null, "No late reply of another command.")
    }

    @Test("a killed connection is an error once, and then made anew; SIGPIPE ends nothing")
    func killed() throws {
        let server = try RedisServer()
        let client = RedisClient(try RedisURL(server.url), .init(clientName: "growth-test"))
        let id = try client.send(RedisCommand("CLIENT", "ID")).integer
        try server.cli("CLIENT", "KILL", "ID", String(try #require(id)))
        let error = #expect(throws: QueueError.self) { try client.send(RedisCommand("PING")) }
        #expect(error?.code == .unreachable)
        #expect(try client.send(RedisCommand("PING")) == .status("PONG"))
    }

    @Test("something that is no Redis is an unexpected reply")
    func noRedis() throws {
        let port = try FreePort.find()
        let script = """
            import socket
            s = socket.create_server(("127.0.0.1", \(port))); print("up", flush=True)
            c, _ = s.accept(); c.recv(100); c.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n"); c.recv(100)
            """
        let fake = try ProcessRunner.start("python3", ["-c", script])
        _ = try fake.waitForLine(containing: "up")
        let error = #expect(throws: QueueError.self) {
            try RedisConnection(try RedisURL("redis://127.0.0.1:\(port)"), .init(clientName: "growth-test"))
        }
        #expect(error?.code == .unexpectedReply)
    }
}
