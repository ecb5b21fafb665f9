import Foundation
import Shared
import SharedRedis

extension Diagnosis {
    /// With less a disk is called full, in bytes: what the intake's spool may take unless told otherwise.
    private static let leastFree = 1 << 30

    /// Looks at the disks on which the database and Redis' files grow.
    ///
    /// - Parameter redisFolder: Where Redis' files are; nil where that is not known.
    /// - Returns: One finding a disk.
    func disks(redisFolder: String?) -> [Finding] {
        let database = settings.databasePath
        let folder = URL(fileURLWithPath: database).deletingLastPathComponent().path
        let places = [
            ("the database", DiskRoom(at: database) ?? DiskRoom(at: folder)),
            ("Redis' files", redisFolder.flatMap { DiskRoom(at: $0) }),
        ]
        var findings: [Finding] = []
        var seen: Set<UInt64> = []
        for case (_, let room?) in places where seen.insert(room.device).inserted {
            let names = places.filter { $0.1?.device == room.device }.map(\.0)
            findings.append(Self.disk(of: names, room))
        }
        return findings
    }

    /// Judges the room of one disk on which these are.
    static func disk(of names: [String], _ room: DiskRoom) -> Finding {
        let (free, size) = (Table.text(bytes: room.free), Table.text(bytes: room.size))
        let disk = "The disk of \(names.joined(separator: " and of "))"
        guard room.free < leastFree else {
            return Finding(check: "disk", isFine: true, text: "\(disk) has \(free) of \(size) free.")
        }
        return Finding(
            check: "disk",
            isFine: false,
            text: "\(disk) has only \(free) of \(size) free, less than \(Table.text(bytes: leastFree)): "
                + "free some, or soon nothing can be stored."
        )
    }

    /// Returns the folder of Redis' files, where it is one of this machine and Redis tells it.
    ///
    /// A Redis in a container answers at a local address too, but its folder is another's here: such a one
    /// has another process id than it thinks.
    func redisFolder(_ client: RedisClient) -> String? {
        let commands = [RedisCommand("INFO", "server"), RedisCommand("CONFIG", "GET", "dir")]
        guard let replies = try? client.send(commands), replies.count == 2,
            let info = replies[0].text, let folder = replies[1].elements?.last?.text
        else { return nil }
        func field(_ name: String) -> Substring? {
            info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }?
                .dropFirst(name.utf8.count + 1)
        }
        guard let process = field("process_id").flatMap({ Int($0) }),
            let program = field("executable")?.split(separator: "/").last,
            let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
        else { return nil }
        // The kernel keeps 15 bytes of a name.
        return isRedisLocal && name == program.prefix(15) + "\n" ? folder : nil
    }

    private var isRedisLocal: Bool {
        guard let url = try? RedisURL(String(decoding: settings.redisURL.bytes, as: UTF8.self)) else {
            return false
        }
        return switch url.address {
        case .unix: true
        case .tcp(let host, let port): ListenAddress.tcp(host: host, port: port).isLocal
        }
    }
}
