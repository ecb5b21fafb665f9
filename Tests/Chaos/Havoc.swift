import Foundation
import GRDB
import TestSupport

/// Carries faults out, and what ends them; belongs to one thread.
final class Havoc {
    private struct Pending {
        var at: ContinuousClock.Instant
        var label: String
        var action: () throws -> Void
    }

    private let site: Site
    private let load: Load
    private let leaseSeconds: Double
    private let startedAt = ContinuousClock.now
    private let say: (String) -> Void
    private var random: SeededGenerator
    private var pending: [Pending] = []
    private var isRedisAway = false
    private var lock: DatabaseQueue?
    /// What is known of workers that fell silent with jobs in hand.
    private(set) var deaths = Deaths()
    /// Workers that were killed while nobody could see what they had in hand, and what is known of it by now.
    private var unseen: [Int32: Set<String>] = [:]
    /// Envelopes of the jobs that took three workers with them.
    private(set) var poison: [String] = []
    /// How many jobs the workers were done with while Redis was full, each time.
    private(set) var drainedWhileFull: [Int] = []
    /// How often each fault was carried out.
    private(set) var done: [Fault: Int] = [:]

    init(site: Site, load: Load, leaseSeconds: Int, random: SeededGenerator, say: @escaping (String) -> Void)
    {
        self.site = site
        self.load = load
        self.leaseSeconds = Double(leaseSeconds)
        self.random = random
        self.say = say
    }

    // MARK: Time

    /// Carries out a fault as soon as what it hits runs; most of them end later, by what ``pass(_:)`` does.
    func carryOut(_ fault: Fault, backlogLimit: Int) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try !strike(fault) {
            guard ContinuousClock.now < deadline else { return report("no \(fault.rawValue) in 30 s") }
            try pass(.milliseconds(50), backlogLimit: backlogLimit)
        }
        done[fault, default: 0] += 1
    }

    /// Returns whether it hit something.
    private func strike(_ fault: Fault) throws -> Bool {
        switch fault {
        case .killWorker: try killWorker()
        case .stopWorkerShortly: try stopWorker(seconds: 0.1...leaseSeconds * 0.6)
        case .stopWorkerLong: try stopWorker(seconds: leaseSeconds + 0.5...leaseSeconds + 4)
        case .killIntake: try killIntake()
        case .stopIntakeShortly: try stopIntake(seconds: 0.1...1.5)
        case .stopIntakeLong: try stopIntake(seconds: 2.5...5)
        case .killRedis: try killRedis()
        case .stopRedisShortly: try stopRedis(seconds: 0.1...1.2)
        case .stopRedisLong: try stopRedis(seconds: 2.5...6.5)
        case .fullRedis: try fillRedis()
        case .lockDatabase: try lockDatabase()
        case .poison: try poisonJob()
        }
    }

    /// Lets time pass: ends faults whose time is over, and holds the load while the queues are too long.
    func pass(_ duration: Duration, backlogLimit: Int) throws {
        let end = ContinuousClock.now + duration
        repeat {
            try endDue()
            if !isRedisAway, let backlog = try? site.link.backlog() { load.hold(backlog > backlogLimit) }
            usleep(UInt32(max(0, min(50_000, (end - .now) / .microseconds(1)))))
        } while ContinuousClock.now < end
    }

    /// Waits until every fault has ended, and everything runs that should.
    func end() throws {
        while !pending.isEmpty {
            try endDue()
            usleep(20_000)
        }
        try site.look()
    }

    private func endDue() throws {
        let now = ContinuousClock.now
        let due = pending.filter { $0.at <= now }
        pending.removeAll { $0.at <= now }
        for item in due {
            if !item.label.isEmpty { report(item.label) }
            try item.action()
        }
        if !isRedisAway, !unseen.isEmpty { try? lookForUnseen() }
        try site.look()
    }

    private func later(_ seconds: Double, _ label: String, _ action: @escaping () throws -> Void) {
        pending.append(Pending(at: .now + .seconds(seconds), label: label, action: action))
    }

    private func report(_ text: String) {
        let seconds = (ContinuousClock.now - startedAt) / .milliseconds(100)
        say("\(Double(Int(seconds)) / 10) s: \(text)")
    }

    private func pause(_ range: ClosedRange<Double>) -> Double {
        Double.random(in: range, using: &random)
    }

    // MARK: Workers

    private func living() -> [Int] {
        site.workers.indices.filter { site.workers[$0].process?.isRunning == true }
    }

    private func killWorker() throws -> Bool {
        guard let index = living().randomElement(using: &random) else { return false }
        report("kill worker \(index + 1)")
        try kill(index)
        return true
    }

    /// Kills a worker between two instructions, and notes what it had in hand.
    private func kill(_ index: Int) throws {
        guard let process = site.workers[index].process else { return }
        process.send(signal: SIGSTOP)
        deaths.silence(process.identifier, .killed)
        if !isRedisAway, let held = try? held(by: process.identifier) {
            deaths.count(held, of: process.identifier, .killed)
        } else {
            unseen[process.identifier] = []
        }
        process.kill()
        site.workers[index].process = nil
        let again = pause(0.05...1)
        later(again, "worker \(index + 1) is started again") { [site] in try site.startWorker(index) }
    }

    /// What a process has in hand, or had when it was taken for dead.
    private func held(by process: Int32) throws -> Set<String> {
        let inHand = try site.link.inHand().filter { $0.process == process }.map(\.envelope)
        return Set(inHand).union(try site.link.takenBack(from: process))
    }

    private func stopWorker(seconds: ClosedRange<Double>) throws -> Bool {
        guard let index = living().filter({ !site.workers[$0].isStopped }).randomElement(using: &random),
            let process = site.workers[index].process
        else { return false }
        report("stop worker \(index + 1)")
        process.send(signal: SIGSTOP)
        deaths.silence(process.identifier, .stopped)
        site.workers[index].isStopped = true
        later(pause(seconds), "worker \(index + 1) goes on") { [self] in goOn(index, process) }
        return true
    }

    /// Lets a stopped worker go on, once Redis can tell what was taken from it: asking one that is away would
    /// hold up everything else, and its lane takes the count back as soon as it lives.
    private func goOn(_ index: Int, _ process: RunningProcess) {
        guard !isRedisAway else { return later(0.1, "") { [self] in goOn(index, process) } }
        // Until it comes back, its silence counts as a death.
        if process.isRunning {
            let taken = (try? site.link.takenBack(from: process.identifier)) ?? []
            deaths.count(taken, of: process.identifier, .stopped)
        }
        deaths.goOn(process.identifier)
        process.send(signal: SIGCONT)
        if site.workers[index].process === process { site.workers[index].isStopped = false }
    }

    // MARK: Intake

    private func killIntake() throws -> Bool {
        guard let process = site.intake.process, process.isRunning else { return false }
        report("kill intake")
        process.kill()
        site.intake.process = nil
        later(pause(0...0.5), "the intake is started again") { [site] in try site.startIntake() }
        return true
    }

    private func stopIntake(seconds: ClosedRange<Double>) throws -> Bool {
        guard let process = site.intake.process, process.isRunning, !site.intake.isStopped else {
            return false
        }
        report("stop intake")
        process.send(signal: SIGSTOP)
        site.intake.isStopped = true
        later(pause(seconds), "the intake goes on") { [site] in
            process.send(signal: SIGCONT)
            if site.intake.process === process { site.intake.isStopped = false }
        }
        return true
    }

    // MARK: Redis and the database

    private func killRedis() throws -> Bool {
        guard !isRedisAway else { return false }
        report("kill Redis")
        isRedisAway = true
        site.redis.kill()
        later(pause(0...2), "Redis is started again") { [self] in
            try site.redis.startAgain()
            awaitRedis()
        }
        return true
    }

    /// Redis may still be loading: looks again until it answers.
    private func awaitRedis() {
        later(0.1, "") { [self] in
            guard (try? site.link.send("PING").text) == "PONG" else { return awaitRedis() }
            isRedisAway = false
            try lookForUnseen()
        }
    }

    /// What workers had in hand that were killed while Redis was away: it lies there still, or was taken
    /// back.
    private func lookForUnseen() throws {
        guard !unseen.isEmpty else { return }
        for holding in try site.link.inHand() { unseen[holding.process]?.insert(holding.envelope) }
        for process in unseen.keys {
            unseen[process]?.formUnion(try site.link.takenBack(from: process))
        }
        for (process, held) in unseen { deaths.count(held, of: process, .killed) }
        unseen = [:]
    }

    private func stopRedis(seconds: ClosedRange<Double>) throws -> Bool {
        guard !isRedisAway else { return false }
        report("stop Redis")
        isRedisAway = true
        site.redis.freeze()
        later(pause(seconds), "Redis goes on") { [self] in
            site.redis.thaw()
            awaitRedis()
        }
        return true
    }

    private func fillRedis() throws -> Bool {
        // There must be something that the workers can drain.
        guard !isRedisAway, let backlog = try? site.link.backlog(), backlog > 0,
            (try? site.link.send("CONFIG", "SET", "maxmemory", "1")) != nil
        else { return false }
        report("Redis is full")
        let before = try? site.link.counter("acked")
        later(pause(0.5...4), "") { [self] in giveRoom(before) }
        return true
    }

    /// Ends it once Redis can be told: asking one that is away would hold up everything else.
    private func giveRoom(_ before: Int?) {
        guard !isRedisAway else { return later(0.1, "") { [self] in giveRoom(before) } }
        if let before, let after = try? site.link.counter("acked") { drainedWhileFull.append(after - before) }
        // Where Redis was killed meanwhile, the limit went with it.
        _ = try? site.link.send("CONFIG", "SET", "maxmemory", "0")
        report("Redis has room again")
    }

    private func lockDatabase() throws -> Bool {
        guard lock == nil else { return false }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: site.database, configuration: configuration)
        do {
            try queue.inDatabase { try $0.beginTransaction(.immediate) }
        } catch {
            return false
        }
        report("the database is locked")
        lock = queue
        later(pause(0.5...5), "the database is free") { [self] in
            try lock?.inDatabase { try $0.rollback() }
            lock = nil
        }
        return true
    }

    // MARK: Poison

    /// Sends a heavy job and kills whoever has it in hand, three times; nothing else goes wrong meanwhile.
    private func poisonJob() throws -> Bool {
        try end()
        report("a poison job is sent")
        let webhook = load.heavyOrder()
        var socket: Socket?
        guard let envelope = load.deliver(webhook, over: &socket) else { return false }
        for _ in 0..<3 {
            guard let holder = try awaitHolder(of: envelope) else {
                report("the poison job was done before it was seen")
                return false
            }
            report("kill worker \(holder + 1) with the poison job in hand")
            try kill(holder)
        }
        try end()
        // The third death is seen when the reaper has been there; a job that was done after all is none.
        guard deaths.kills(of: envelope) >= 3 else { return false }
        poison.append(envelope)
        return true
    }

    private func awaitHolder(of envelope: String) throws -> Int? {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            try endDue()
            if let index = try holder(of: envelope), let process = site.workers[index].process {
                process.send(signal: SIGSTOP)
                if try holder(of: envelope) == index { return index }
                process.send(signal: SIGCONT)
            }
            usleep(5000)
        }
        return nil
    }

    private func holder(of envelope: String) throws -> Int? {
        guard let found = try site.link.inHand().first(where: { $0.envelope == envelope }) else { return nil }
        return site.workers.firstIndex { $0.process?.identifier == found.process }
    }
}
