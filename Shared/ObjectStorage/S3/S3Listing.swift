import NIOHTTP1

/// Lists the keys of a bucket, page by page (ListObjectsV2).
struct S3Listing: Sendable {
    /// What S3 gives at once.
    private static let pageSize = 1000
    /// A page of keys of 1 KiB each, escaped and with all that surrounds them.
    private static let pageBytes = 8 << 20

    let client: S3Client
    let prefix: String

    /// The first `limit` keys, ascending by their bytes, for which `read` has a value.
    func keys<Key: Sendable>(
        limit: Int,
        _ read: (String) -> Key?
    ) async throws(ObjectStoreError) -> [Key] {
        var found: [Key] = []
        var token: String?
        while found.count < limit {
            let page = try await page(after: token, limit: min(Self.pageSize, limit - found.count))
            found += page.children(named: "Contents").compactMap { $0.text(of: "Key") }.compactMap(read)
            guard page.text(of: "IsTruncated") == "true", let next = page.text(of: "NextContinuationToken"),
                next != token
            else { break }
            token = next
        }
        return Array(found.prefix(limit))
    }

    private func page(after token: String?, limit: Int) async throws(ObjectStoreError) -> XMLElementNode {
        var query = [("list-type", "2"), ("max-keys", String(limit)), ("prefix", prefix)]
        if let token { query.append(("continuation-token", token)) }
        let request = S3Request(
            method: .GET,
            key: "",
            query: query,
            purpose: "list '\(prefix)'",
            answerLimit: Self.pageBytes
        )
        let answer = try await client.send(request) { Self.page(in: $0) == nil ? "the listing is no list" : nil }
        guard let page = Self.page(in: answer) else { throw client.error(.unavailable, request, "no list") }
        return page
    }

    private static func page(in answer: HTTPAnswer) -> XMLElementNode? {
        guard let root = try? XMLDocument.root(of: answer.body), root.name == "ListBucketResult" else { return nil }
        return root
    }
}
