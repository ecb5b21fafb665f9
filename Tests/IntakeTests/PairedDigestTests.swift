import Crypto
import Foundation
import TestSupport
import Testing

@testable import growth_intake

@Suite("Code and digest in one pass") struct PairedDigestTests {
    private func check(_ body: [UInt8], key: [UInt8], _ hashing: PairedDigest) {
        var result = [UInt8](repeating: 0, count: 64)
        result.withUnsafeMutableBytes { place in
            body.withUnsafeBytes { hashing.hash($0, key: key, into: place) }
        }
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: key))
        let expected = Array(code) + Array(SHA256.hash(data: body))
        #expect(result == expected, "a body of \(body.count) bytes, a key of \(key.count)")
    }

    @Test("reads no byte behind the body")
    func staysWithin() throws {
        guard let hashing = PairedDigest() else { return }
        let page = sysconf(Int32(_SC_PAGESIZE))
        let pages = try #require(
            mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        )
        try #require(pages != MAP_FAILED)
        defer { munmap(pages, 2 * page) }
        memset(pages, 0x61, page)
        // A read of the second page ends the process.
        try #require(mprotect(pages + page, page, PROT_NONE) == 0)
        var result = [UInt8](repeating: 0, count: 64)
        for length in 0...300 {
            let body = UnsafeRawBufferPointer(start: pages + (page - length), count: length)
            result.withUnsafeMutableBytes { hashing.hash(body, key: [1, 2, 3], into: $0) }
            #expect(Array(result[32...]) == Array(SHA256.hash(data: Array(body))), "\(length) bytes")
        }
    }

    @Test("are those of swift-crypto, whatever the length of body and key")
    func agreesWithCrypto() throws {
        // Nil only where the processor lacks the instructions; then nothing uses it.
        guard let hashing = PairedDigest() else { return }
        var generator = SeededGenerator(seed: 21)
        func random(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        for length in 0...300 { check(random(length), key: random(length % 140), hashing) }
        for length in [0, 1, 31, 32, 63, 64, 65, 127, 128, 129, 500] {
            check(random(100), key: random(length), hashing)
        }
        for _ in 0..<300 {
            check(
                random(Int.random(in: 0...20_000, using: &generator)),
                key: random(Int.random(in: 0...200, using: &generator)),
                hashing
            )
        }
        check([UInt8](repeating: 0x61, count: 2 << 20), key: Array("hush".utf8), hashing)
    }
}
