extension GenericMapping {
    /// Returns the message in the canonical shape; every scalar becomes text, exactly as it was written.
    ///
    /// An object of the canonical shape appears only when a pointer found something in it: constants alone
    /// make no refund.
    func canonicalBytes(of body: JSONValue) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            for (group, names) in Self.fields {
                let found = names.compactMap { name in text(group, name, in: body).map { (name, $0) } }
                guard !group.isEmpty else {
                    write(found, to: &writer)
                    continue
                }
                let lines = group == "order" ? items?.value(in: body).elements ?? [] : []
                let isStated = names.contains { pointedText(Self.path(group, $0), in: body) != nil }
                guard isStated || !lines.isEmpty else { continue }
                writer.key(group)
                writer.object { writer in
                    write(found, to: &writer)
                    if !lines.isEmpty { writeItems(lines, to: &writer) }
                }
            }
        }
        return writer.bytes
    }

    /// What the allow-list of the intake must keep for this mapping.
    public var keptPaths: [String] {
        let identities = Set(identityPaths.map(\.path))
        var paths = pointers.values.compactMap(\.policyPath)
        if let items {
            let base = items.policyPath ?? ""
            paths += itemPointers.values.compactMap(\.policyPath).map {
                base + "[]" + ($0.hasPrefix("[") ? "" : ".") + $0
            }
        }
        return Set(paths).subtracting(identities).sorted()
    }

    /// What the allow-list of the intake must pseudonymise for this mapping, the most telling first.
    public var identityPaths: [(path: String, identity: FieldPolicy.Identity)] {
        let fields: [(String, FieldPolicy.Identity)] = [
            ("customer.email", .email), ("customer.phone", .phone), ("customer.id", .customerID),
        ]
        return fields.compactMap { field, identity in
            pointers[field]?.policyPath.map { (path: $0, identity: identity) }
        }
    }

    private func text(_ group: String, _ name: String, in body: JSONValue) -> String? {
        let path = Self.path(group, name)
        guard let text = pointedText(path, in: body) else { return constants[path] }
        return values[path]?[text] ?? text
    }

    private func pointedText(_ path: String, in body: JSONValue) -> String? {
        pointers[path].flatMap { Self.scalar($0.value(in: body)) }
    }

    private func write(_ fields: [(String, String)], to writer: inout JSONWriter) {
        for (name, text) in fields {
            writer.key(name)
            writer.append(string: text)
        }
    }

    private func writeItems(_ lines: [JSONValue], to writer: inout JSONWriter) {
        writer.key("items")
        writer.array { writer in
            for line in lines {
                writer.object { writer in
                    for name in Self.itemFields {
                        guard let text = itemPointers[name].flatMap({ Self.scalar($0.value(in: line)) })
                        else { continue }
                        writer.key(name)
                        writer.append(string: text)
                    }
                }
            }
        }
    }

    private static func scalar(_ value: JSONValue) -> String? {
        value.text ?? value.bool.map { $0 ? "true" : "false" }
    }
}
