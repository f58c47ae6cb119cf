import NIOHTTP1

/// What a server says that tells one version of a source from another.
struct RemoteVersion: Sendable, Hashable {
    /// As it was sent, with its quotes.
    var entityTag: String?
    var lastModified: String?

    /// The tag, if it promises the same bytes (RFC 9110 section 8.8.1) and may stand in an `If-Match`.
    var strongTag: String? { entityTag.flatMap { $0.hasPrefix("\"") ? $0 : nil } }

    init(_ headers: HTTPHeaders) {
        entityTag = headers.first(name: "etag")
        lastModified = headers.first(name: "last-modified")
    }

    /// Whether an answer with `other` may be of the same version: what both name has to be the same.
    func agrees(with other: RemoteVersion) -> Bool {
        if let entityTag, let tag = other.entityTag { return entityTag == tag }
        if let lastModified, let date = other.lastModified { return lastModified == date }
        return true
    }
}

/// The value of `Content-Range` of an answer: `bytes 0-99/1000`.
struct ContentRange: Sendable, Hashable {
    /// `nil` where no byte of it can be had: `bytes */0`.
    var range: Range<Int64>?
    /// `nil` where the server does not know: `*`.
    var total: Int64?

    init?(_ text: String) {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        total = Self.number(parts[1])
        guard total != nil || parts[1] == "*" else { return nil }
        if parts[0] == "*" { return }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
            last < Int64.max, total.map({ last < $0 }) ?? true
        else { return nil }
        range = first..<last + 1
    }

    /// Digits alone; no signs.
    private static func number(_ text: Substring) -> Int64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int64(text) : nil
    }
}

/// A part of a remote source, as the server gave it.
struct RemotePart: Sendable {
    var bytes: [UInt8]
    /// Bytes of the whole.
    var total: Int64
    var version: RemoteVersion
}

/// What is asked for, and what has to be true of the answer.
struct PartRequest: Sendable {
    var range: Range<Int64>
    /// What the first answer said; `nil` for the first.
    var known: (total: Int64, version: RemoteVersion)?
    /// How many bytes a server that does not know ranges may send in place of a part.
    var spool: Int

    var headers: [(String, String)] {
        var fields = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        if let tag = known?.version.strongTag { fields.append(("if-match", tag)) }
        return fields
    }

    /// How many bytes of a body are worth reading.
    func limit(_ head: HTTPAnswer) -> Int {
        switch head.status {
        case 206: range.count
        case 200 where known == nil: spool
        default: 64 * 1024
        }
    }
}

/// What is wrong with an answer to a ``PartRequest``, in words that follow on "the server".
struct PartComplaint: Error {
    var code: ObjectStoreError.Code
    var message: String
    var isTemporary = false
}

extension PartRequest {
    /// Reads an answer of 200, 206, 412 or 416.
    func part(in answer: HTTPAnswer) throws(PartComplaint) -> RemotePart {
        let coding = answer.headers.first(name: "content-encoding")?.lowercased() ?? "identity"
        guard coding == "identity" else {
            throw PartComplaint(code: .unsupportedSource, message: "sends it compressed, as nobody asked it to")
        }
        switch answer.status {
        case 206: return try partial(answer)
        case 200: return try whole(answer)
        case 416: return try unsatisfiable(answer)
        default: throw PartComplaint(code: .changed, message: "has another version of it by now")
        }
    }

    private func partial(_ answer: HTTPAnswer) throws(PartComplaint) -> RemotePart {
        guard let field = answer.headers.first(name: "content-range").flatMap(ContentRange.init) else {
            throw PartComplaint(code: .unavailable, message: "does not say which part it sends", isTemporary: true)
        }
        guard let total = field.total else {
            throw PartComplaint(code: .unsupportedSource, message: "does not say how long it is")
        }
        let part = RemotePart(bytes: answer.body, total: total, version: RemoteVersion(answer.headers))
        try check(part)
        guard let sent = field.range, sent == range.clamped(to: 0..<total), sent.count == answer.body.count else {
            throw PartComplaint(
                code: .unavailable,
                message: "sends another part than it was asked for",
                isTemporary: true
            )
        }
        return part
    }

    private func whole(_ answer: HTTPAnswer) throws(PartComplaint) -> RemotePart {
        let part = RemotePart(
            bytes: answer.body,
            total: Int64(answer.body.count),
            version: RemoteVersion(answer.headers)
        )
        guard known == nil else {
            try check(part)
            throw PartComplaint(code: .unavailable, message: "does not give parts of it any more")
        }
        return part
    }

    /// RFC 9110 section 15.5.17: an empty source has no part that could be given.
    private func unsatisfiable(_ answer: HTTPAnswer) throws(PartComplaint) -> RemotePart {
        let total = answer.headers.first(name: "content-range").flatMap(ContentRange.init)?.total
        guard known == nil, range.lowerBound == 0, total ?? 0 == 0 else {
            throw PartComplaint(code: .changed, message: "has another version of it by now")
        }
        return RemotePart(bytes: [], total: 0, version: RemoteVersion(answer.headers))
    }

    private func check(_ part: RemotePart) throws(PartComplaint) {
        guard let known else { return }
        guard known.total == part.total, known.version.agrees(with: part.version) else {
            throw PartComplaint(code: .changed, message: "has another version of it by now")
        }
    }
}
