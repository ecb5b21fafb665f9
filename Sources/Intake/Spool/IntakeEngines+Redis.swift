import NIOCore

extension IntakeEngines {
    /// Gives Redis a moment, so that the first webhooks after a start are not spooled for nothing.
    func waitForRedis(atMost limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        for engine in values {
            while ContinuousClock.now < deadline {
                let isAccepting = try? await engine.eventLoop.submit { engine.value.isRedisAccepting }.get()
                if isAccepting == true { break }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
