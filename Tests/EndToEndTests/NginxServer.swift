import Foundation
import TestSupport

/// Debian's nginx with `deploy/nginx.conf` as it is, but for ports, certificate and folders.
final class NginxServer {
    /// The port that speaks TLS, on 127.0.0.1.
    let port: Int
    private let folder: TemporaryDirectory
    private let process: RunningProcess

    /// What it has written to its access log.
    var accessLog: String {
        (try? String(contentsOfFile: folder.file("growth.log"), encoding: .utf8)) ?? ""
    }

    /// Starts it in front of an installation and waits until it listens.
    init(in front: Installation) throws {
        let folder = try TemporaryDirectory()
        let port = try FreePort.find()
        self.folder = folder
        self.port = port
        let certificate = try ProcessRunner.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2",
                "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example",
                "-keyout", folder.file("key.pem"), "-out", folder.file("certificate.pem"),
            ]
        )
        guard certificate.isSuccess else { throw TestSupportError("openssl failed: \(certificate.errors)") }
        let site = try Self.site(folder: folder, port: port, front: front)
        try site.write(toFile: folder.file("growth.conf"), atomically: true, encoding: .utf8)
        let temporary = ["proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder.file($0));" }
        let main = """
            \(getuid() == 0 ? "user root;" : "")
            daemon off;
            pid \(folder.file("nginx.pid"));
            error_log stderr;
            events { worker_connections 256; }
            http { \(temporary.joined(separator: " ")) include \(folder.file("growth.conf")); }
            """
        try main.write(toFile: folder.file("nginx.conf"), atomically: true, encoding: .utf8)
        process = try ProcessRunner.start(
            "/usr/sbin/nginx",
            ["-e", "stderr", "-p", folder.path, "-c", folder.file("nginx.conf")]
        )
        let process = process
        let isUp = Eventually.holds(within: .seconds(10)) { (try? RawConnection(port: port)) != nil }
        guard isUp else { throw TestSupportError("nginx does not listen: \(process.errors)") }
    }

    deinit {
        process.terminate()
        _ = try? process.waitForExit()
    }

    /// The site's configuration with what differs here.
    private static func site(folder: TemporaryDirectory, port: Int, front: Installation) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var text = try String(contentsOf: root.appendingPathComponent("deploy/nginx.conf"), encoding: .utf8)
        let differences = [
            ("listen 443 ssl;", "listen 127.0.0.1:\(port) ssl;"),
            ("listen [::]:443 ssl;", "listen 127.0.0.2:\(port) ssl;"),
            ("/etc/letsencrypt/live/shop.example/fullchain.pem", folder.file("certificate.pem")),
            ("/etc/letsencrypt/live/shop.example/privkey.pem", folder.file("key.pem")),
            ("server 127.0.0.1:8001;", "server 127.0.0.1:\(front.intakePort);"),
            ("server 127.0.0.1:8002;", "server 127.0.0.1:\(front.dashboardPort);"),
            ("/var/log/nginx/growth.log", folder.file("growth.log")),
            ("/var/log/nginx/growth-error.log", folder.file("growth-error.log")),
            ("/dev/shm/growth-nginx", folder.file("bodies")),
        ]
        for (there, here) in differences {
            guard text.ranges(of: there).count == 1 else {
                throw TestSupportError("deploy/nginx.conf should say \"\(there)\" once.")
            }
            text = text.replacing(there, with: here)
        }
        return text
    }

    /// Runs curl against it by the name in its certificate, which it verifies.
    ///
    /// - Returns: What `format` (curl's `--write-out`) makes of each transfer, one a line.
    func curl(_ paths: [String], format: String = "%{http_code}", _ options: String...) throws -> [String] {
        let base = [
            "-sS", "-o", "/dev/null", "-m", "20", "--cacert", folder.file("certificate.pem"), "--noproxy",
            "*",
            "--resolve", "shop.example:\(port):127.0.0.1", "-w", format + "\\n",
        ]
        // Every transfer of one curl needs its own place for the body.
        let urls = paths.flatMap { ["https://shop.example:\(port)\($0)", "-o", "/dev/null"] }
        let result = try ProcessRunner.run("curl", base + options + urls)
        guard result.isSuccess else { throw TestSupportError("curl failed: \(result.errors)") }
        return result.output.split(separator: "\n").map(String.init)
    }

    /// Writes bytes to a file that curl can send, and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        guard FileManager.default.createFile(atPath: folder.file(name), contents: Data(bytes)) else {
            throw TestSupportError("\(name) could not be written.")
        }
        return folder.file(name)
    }

    /// The path of a file beside those.
    func path(_ name: String) -> String {
        folder.file(name)
    }
}
