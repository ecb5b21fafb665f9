import TestSupport
import Testing

@testable import Shared

@Suite("Seal keys")
struct SealKeyTests {
    private let key = SealFixture.key

    private func publicError(_ text: String) -> SealKeyError? {
        do throws(SealKeyError) {
            _ = try SealPublicKey(text: text)
            return nil
        } catch {
            return error
        }
    }

    private func privateError(_ text: String) -> SealKeyError? {
        do throws(SealKeyError) {
            _ = try SealPrivateKey(text: text)
            return nil
        } catch {
            return error
        }
    }

    @Test("both halves are one line each, and are read back, with comments and empty lines around them")
    func roundTrip() throws {
        let publicText = key.publicKey.serialized()
        let privateText = key.serialized()
        #expect(publicText == "growth-seal-public v1 \(key.id) \(Self.publicHex)\n")
        #expect(privateText.hasPrefix("growth-seal-private v1 \(key.id) 0101"))
        #expect(privateText.split(separator: "\n").count == 1)
        let read = try SealPublicKey(text: "# of the intake\r\n\n  \(publicText)\n")
        #expect(read.id == key.id && read.serialized() == publicText)
        #expect(try SealPrivateKey(text: privateText).serialized() == privateText)
        #expect(key.id != SealFixture.otherKey.id)
        #expect(SealPrivateKey.generate(randomBytes: [1, 2, 3]) == nil)
    }

    @Test("a wrong file is named by what is wrong with it")
    func wrongFiles() {
        let good = key.publicKey.serialized()
        let hex = Self.publicHex
        for (text, error) in [
            ("", .empty), ("# nothing\n\n", .empty), ("k1 \(hex) active", .malformed),
            (good + good, .severalLines), (key.serialized(), .privateInsteadOfPublic),
            ("growth-seal-public v1 \(key.id)", .malformed),
            ("growth-seal-public v1 \(key.id) \(hex)00", .malformed),
            ("growth-seal-public v1 \(key.id) \(hex.dropLast(1))", .malformed),
            ("growth-seal-public v2 \(key.id) \(hex)", .unknownVersion),
            ("growth-seal-public v1 \(key.id) 00\(hex.dropFirst(2))", .wrongID),
            ("growth-seal-public v1 0\(key.id.dropFirst(1)) \(hex)", .wrongID),
        ] as [(String, SealKeyError)] {
            #expect(publicError(text) == error, "\(text)")
        }
        #expect(privateError(good) == .publicInsteadOfPrivate)
        #expect(
            privateError("growth-seal-private v1 \(key.id) \(String(repeating: "02", count: 32))") == .wrongID
        )
    }

    @Test("a point of small order, to which everybody could open, is no key")
    func smallOrder() {
        for hex in [
            String(repeating: "00", count: 32), "01" + String(repeating: "00", count: 31),
            // RFC 7748 section 6.1; the list is that of cr.yp.to/ecdh.html.
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        ] {
            let id = SealKeyLine.id(ofPublicKey: HexDigits.decode(hex) ?? [])
            #expect(publicError("growth-seal-public v1 \(id) \(hex)") == .unusable)
        }
    }

    @Test("no message and no description shows a private key")
    func hidden() {
        let secret = String(repeating: "01", count: 8)
        let texts = ["\(key)", "\(String(reflecting: key))", "\([key])"]
        #expect(!texts.contains { $0.contains(secret) })
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("rawRepresentation") && !dumped.contains(secret))
    }

    // From the private key of 32 bytes 01, by openssl pkey -pubout.
    private static let publicHex = "a4e09292b651c278b9772c569f5fa9bb13d906b46ab68c9df9dc2b4409f8a209"
}
