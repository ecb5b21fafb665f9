@testable import Shared

extension FuzzTarget {
    /// Forms: pairs against a second reader, multipart by writing fields and reading them again.
    ///
    /// The first line of an input is the content type, the rest the body.
    static let forms = FuzzTarget(
        name: "forms",
        seeds: { FuzzSeeds.forms },
        words: FuzzWords.forms,
        run: { try fuzzForms($0) }
    )
}

/// Reads the input as a form in three ways.
func fuzzForms(_ input: UnsafeRawBufferPointer) throws -> Int {
    let line = input.prefix { $0 != 0x0A }
    let body = Array(input.dropFirst(line.count + 1))
    let type = String(decoding: line, as: UTF8.self)
    let form = body.withUnsafeBytes { FormBody($0, contentType: type) }
    if let form { try check(form) }
    try comparePairs(body)
    try writeMultipart(body)
    return form.map { 1 + min($0.fields.count, 3) } ?? 0
}

/// The form's document holds its fields, each name once.
private func check(_ form: FormBody) throws {
    try require(form.fields.count <= FormBody.maximumFields, "more fields than allowed")
    try require(Set(form.fields.map(\.name)).count == form.fields.count, "a name stands twice")
    let members = try JSONDocument(form.json()).root.members
    try require(members.map(\.key) == form.fields.map(\.name), "the document has other names")
    for (member, field) in zip(members, form.fields) {
        let text = String(decoding: field.value, as: UTF8.self)
        try require(member.value.string == text, "the document has another value for a field")
        try require(form[field.name] == field.value, "a field is not found by its name")
    }
}

private func comparePairs(_ body: [UInt8]) throws {
    if body.starts(with: "--".utf8) { return }
    let form = body.withUnsafeBytes {
        FormBody($0, contentType: "application/x-www-form-urlencoded; charset=utf-8")
    }
    let expected = ReferenceForm(body)
    try require((form == nil) == expected.isRefused, "form and reference disagree on whether this is a form")
    guard let form else { return }
    let isSame =
        form.fields.count == expected.fields.count
        && zip(form.fields, expected.fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    try require(isSame, "form and reference read other fields")
}

/// Cuts the bytes into fields, writes them as RFC 7578 says, and reads them.
private func writeMultipart(_ bytes: [UInt8]) throws {
    var rest = bytes
    let boundary = "b" + String(rest.takeByte())
    var fields: [(name: String, value: [UInt8])] = []
    var body: [UInt8] = []
    while !rest.isEmpty, fields.count < 20 {
        let name = "f\(fields.count)"
        let value = rest.take(Int(rest.takeByte()))
        // A value may hold anything but the delimiter.
        let delimiter = Array("\r\n--\(boundary)".utf8)
        let holds = value.indices.contains { value[$0...].starts(with: delimiter) }
        if holds { continue }
        fields.append((name, value))
        body += Array(
            "--\(boundary)\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
                .utf8
        )
        body += value + [0x0D, 0x0A]
    }
    body += Array("--\(boundary)--\r\n".utf8)
    for type in [
        "multipart/form-data; boundary=\(boundary)", "Multipart/Form-Data; x=y; Boundary=\"\(boundary)\"", "",
    ] {
        // Without fields the sniffed boundary ends in `--`.
        if type.isEmpty, fields.isEmpty { continue }
        guard let form = body.withUnsafeBytes({ FormBody($0, contentType: type) }) else {
            throw Finding("a multipart body of \(fields.count) fields is refused with the type \(type)")
        }
        let isSame =
            form.fields.count == fields.count
            && zip(form.fields, fields).allSatisfy { $0.name == $1.name && $0.value == $1.value }
        try require(isSame, "the fields of a multipart body differ with the type \(type)")
    }
    // Cut off anywhere it is refused.
    let cut = body.prefix(body.count - 5 - Int(bytes.first ?? 0) % max(1, body.count - 5))
    let form = Array(cut).withUnsafeBytes {
        FormBody($0, contentType: "multipart/form-data; boundary=\(boundary)")
    }
    try require(form == nil, "a multipart body without its end is taken")
}
