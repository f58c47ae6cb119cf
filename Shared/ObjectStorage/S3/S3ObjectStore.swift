import NIOHTTP1

/// Keeps objects in a bucket of an S3 store; what `s3://` in `OBJECT_STORE_URL` names.
///
/// Every call has a deadline and is tried several times. Objects over ``Sizes/single`` are put in parts; if that fails,
/// what was put of them is removed again. Readers see an object only when it is whole.
package struct S3ObjectStore: ObjectStore {
    /// Bytes of things.
    package struct Sizes: Sendable {
        /// The largest object that is put with one request.
        package var single = 16 << 20
        /// One part of a larger one; S3 takes none below 5 MiB but the last.
        package var part = 8 << 20
        /// The largest object that ``S3ObjectStore/get(_:)`` returns.
        package var largestGet = 256 << 20

        package init() {}
    }

    /// Holds the SHA-256 of what was put, since an ETag need not be a checksum.
    static let hashHeader = "x-amz-meta-sha256"

    let client: S3Client
    let sizes: Sizes
    private let prefix: String

    package init(
        _ location: S3Location,
        _ credentials: S3Credentials,
        settings: S3Client.Settings = S3Client.Settings(),
        sizes: Sizes = Sizes()
    ) {
        client = S3Client(location, credentials, settings: settings)
        prefix = location.prefix.isEmpty ? "" : "\(location.prefix)/"
        self.sizes = sizes
    }

    package func put(_ bytes: [UInt8], at key: ObjectKey, _ attributes: ObjectAttributes) async throws(ObjectStoreError)
    {
        let hash = ContentDigest.sha256(bytes)
        let headers = [
            ("content-type", attributes.contentType), ("cache-control", attributes.cacheControl),
            (Self.hashHeader, hash),
        ]
        guard bytes.count <= sizes.single else {
            return try await MultipartUpload(client: client, key: name(key), shown: key.description)
                .put(bytes, partSize: sizes.part, headers)
        }
        _ = try await client.send(
            S3Request(
                method: .PUT,
                key: name(key),
                headers: headers,
                body: bytes,
                bodyHash: hash,
                purpose: "put '\(key)'"
            )
        )
    }

    package func get(_ key: ObjectKey) async throws(ObjectStoreError) -> [UInt8]? {
        let request = S3Request(
            method: .GET,
            key: name(key),
            purpose: "get '\(key)'",
            answerLimit: sizes.largestGet
        )
        let answer: HTTPAnswer
        do throws(ObjectStoreError) {
            answer = try await client.send(request) { answer in
                guard let hash = answer.headers.first(name: Self.hashHeader) else { return nil }
                return ContentDigest.sha256(answer.body) == hash ? nil : "the bytes are not those that were put"
            }
        } catch  where error.code == .notFound {
            return nil
        }
        return answer.body
    }

    package func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
        do throws(ObjectStoreError) {
            _ = try await client.send(S3Request(method: .DELETE, key: name(key), purpose: "delete '\(key)'"))
        } catch  where error.code == .notFound {
            return
        }
    }

    package func keys(under folder: ObjectKey, limit: Int) async throws(ObjectStoreError) -> [ObjectKey] {
        let listing = S3Listing(client: client, prefix: "\(name(folder))/")
        return try await listing.keys(limit: limit) { name in
            name.hasPrefix(prefix) ? ObjectKey(String(name.dropFirst(prefix.count))) : nil
        }
    }

    private func name(_ key: ObjectKey) -> String { prefix + key.description }
}
