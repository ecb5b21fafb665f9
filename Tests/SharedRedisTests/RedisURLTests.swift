import Shared
import SharedRedis
import Testing

@Suite struct RedisURLTests {
    @Test(
        "every documented form is read and printed without its password",
        arguments: [
            ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
            ("redis://cache", "redis://cache:6379/0"),
            ("redis://cache/", "redis://cache:6379/0"),
            ("redis://:s3cret@cache:7000/2", "redis://:<redacted>@cache:7000/2"),
            ("redis://ops:a%40b%2Cc@cache", "redis://ops:<redacted>@cache:6379/0"),
            ("redis://[::1]:7000", "redis://[::1]:7000/0"),
            ("redis://[::1]", "redis://[::1]:6379/0"),
            ("unix:///run/redis.sock", "unix:///run/redis.sock"),
            ("unix:///run/a@b.sock?db=3", "unix:///run/a@b.sock?db=3"),
            ("unix://:s3cret@/run/redis.sock", "unix://:<redacted>@/run/redis.sock"),
        ]
    )
    func reads(text: String, printed: String) throws {
        let url = try RedisURL(text)
        #expect(url.description == printed)
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }

    @Test("user and password are percent-decoded")
    func decodes() throws {
        let url = try RedisURL("redis://ops:a%40b%2Cc%25@cache")
        #expect(url.user == "ops")
        #expect(url.password?.bytes == Array("a@b,c%".utf8))
    }

    @Test(
        "a wrong URL is refused without being repeated",
        arguments: [
            "", "cache:6379", "http://s3cret", "rediss://s3cret", "redis://", "redis://:6379",
            "redis://s3cret:0",
            "redis://s3cret:65536", "redis://s3cret:+1", "redis://h/s3cret", "redis://h/-1",
            "redis://s3cret@h",
            "redis://:@h", "redis://:s3cret%4@h", "redis://:s3cret%zz@h", "redis://[::1",
            "redis://[::1]s3cret",
            "unix://s3cret", "unix:///", "unix:///s3cret?x=1", "redis://:s3cret@a,redis://b",
            "unix:///" + String(repeating: "s3cret", count: 20), "redis://a\0b",
        ]
    )
    func refuses(text: String) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.isEmpty == false)
    }

    @Test("several shards are refused with a word about them")
    func shards() {
        let error = #expect(throws: RedisURLError.self) { try RedisURL("redis://a,redis://b") }
        #expect(error?.description.contains("several") == true)
        #expect(error?.description.contains("one Redis is supported") == true)
    }
}
