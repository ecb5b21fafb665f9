@testable import Shared

extension FuzzTarget {
    /// The codecs of envelopes and dead letters: what was read is written as one line, and reading that gives
    /// the same again.
    static let envelope = FuzzTarget(
        name: "envelope",
        seeds: { FuzzSeeds.envelopes },
        words: FuzzWords.json + FuzzWords.envelope,
        run: { try fuzzEnvelope($0) }
    )
}

/// Reads the input as an envelope, as a dead letter, as the job of one, and as the texts of one.
func fuzzEnvelope(_ input: UnsafeRawBufferPointer) throws -> Int {
    let bytes = Array(input)
    var kind = 0
    if let envelope = decoded(bytes) {
        kind += 1
        try checkFixPoint(envelope)
        let next = envelope.raisingAttempt(after: .unknownSource("x"))
        try require(next.attempt >= envelope.attempt, "an attempt fell")
    }
    if let letter = readLetter(bytes) {
        kind += 2
        try checkFixPoint(letter)
    }
    try buryAsJob(bytes)
    try carryTexts(bytes)
    return kind
}

private func decoded(_ line: [UInt8]) -> Envelope? {
    try? Envelope(decoding: line)
}

private func readLetter(_ line: [UInt8]) -> DeadLetter? {
    try? DeadLetter(decoding: line)
}

private func requireLine(_ line: [UInt8], _ what: String) throws {
    try require((try? ReferenceJSON.parse(line, depth: 128)) != nil, "\(what) is no JSON")
}

private func checkFixPoint(_ envelope: Envelope) throws {
    let line = envelope.encoded()
    guard let again = decoded(line) else { throw Finding("an envelope that was written is unreadable") }
    try require(again.encoded() == line, "writing an envelope twice gives two lines")
    try require(again.body == envelope.body, "the body changed")
    try requireLine(line, "an envelope")
}

private func checkFixPoint(_ letter: DeadLetter) throws {
    let line = letter.encoded()
    guard let again = readLetter(line) else {
        throw Finding("a dead letter that was written is unreadable")
    }
    try require(!line.contains(0x0A) && !line.contains(0x0D), "a dead letter of two lines")
    try require(
        again.encoded() == line,
        "writing a dead letter twice gives two lines"
    )
    try requireLine(line, "a dead letter")
}

/// Any bytes may stand on a queue, and become a dead letter that gives them back.
private func buryAsJob(_ bytes: [UInt8]) throws {
    let letter = DeadLetter(
        job: bytes,
        reason: .unreadableEnvelope("fuzz"),
        worker: "w",
        at: Timestamp(milliseconds: 1_795_428_000_000)
    )
    try checkFixPoint(letter)
    guard let again = readLetter(letter.encoded()) else { return }
    if letter.isRetryable {
        let line = bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        let space: Set<UInt8> = [0x20, 0x09]
        let trimmed = line.drop { space.contains($0) }.reversed().drop { space.contains($0) }.reversed()
        try require(again.isRetryable && again.job.elementsEqual(trimmed), "the job changed")
    } else {
        let whole = Array(String(decoding: bytes.prefix(DeadLetter.maximumQuote), as: UTF8.self).utf8)
        try require(!again.isRetryable && again.job == letter.job, "the quote changed")
        let least = min(whole.count, DeadLetter.maximumQuote - 3)
        try require(whole.starts(with: again.job) && again.job.count >= least, "the quote is another text")
    }
}

/// Puts parts of the input into the texts of an envelope.
private func carryTexts(_ bytes: [UInt8]) throws {
    guard var envelope = decoded(FuzzSeeds.envelopes[0]) else { throw Finding("the seed is no envelope") }
    var rest = bytes
    func text(_ rest: inout [UInt8]) -> String {
        let size = Int(rest.takeByte()) * 2
        return String(decoding: rest.take(size), as: UTF8.self)
    }
    envelope.id = text(&rest)
    envelope.provenance.account = text(&rest)
    envelope.provenance.topic = text(&rest)
    envelope.provenance.deliveryID = text(&rest)
    envelope.provenance.eventID = text(&rest)
    envelope.intake = text(&rest)
    let line = envelope.encoded()
    try require(!line.contains(0x0A), "an envelope of two lines")
    guard let again = decoded(line) else { throw Finding("an envelope with these texts is unreadable") }
    let pairs = [
        (envelope.id, again.id), (envelope.provenance.account, again.provenance.account),
        (envelope.provenance.topic, again.provenance.topic),
        (envelope.provenance.deliveryID, again.provenance.deliveryID),
        (envelope.provenance.eventID, again.provenance.eventID), (envelope.intake, again.intake),
    ]
    for (before, after) in pairs {
        try require(after.utf8.count <= 256, "a text of \(after.utf8.count) bytes")
        let isCut = before.utf8.count > 256
        try require(
            isCut ? before.utf8.starts(with: after.utf8) : before.utf8.elementsEqual(after.utf8),
            "a text changed"
        )
        try require(!isCut || after.utf8.count > 0 || before.first?.utf8.count ?? 0 > 256, "a text is lost")
    }
}
