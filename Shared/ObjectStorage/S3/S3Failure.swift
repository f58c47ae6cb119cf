import NIOHTTP1

/// What an answer that is no success says, and what it means.
struct S3Failure: Sendable {
    /// The `<Code>` of the error: `NoSuchKey`; `nil` where there is none.
    let name: String?
    private let status: Int
    private let region: String?

    init(_ answer: HTTPAnswer) {
        status = answer.status
        region = answer.headers.first(name: "x-amz-bucket-region")
        let isMarkup = answer.body.first == UInt8(ascii: "<") && answer.body.count <= 64 * 1024
        let root = isMarkup ? try? XMLDocument.root(of: answer.body) : nil
        let code = root?.name == "Error" ? root?.text(of: "Code") : nil
        name = code.map { String($0.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(64)) }
    }

    /// Whether the same request may succeed later.
    var isTemporary: Bool {
        if let name, Self.temporary.contains(name) { return true }
        // An error in a 200 that we do not know is one that came up on the way.
        return [200, 408, 425, 429, 500, 502, 503, 504].contains(status)
    }

    var code: ObjectStoreError.Code {
        switch (status, name) {
        case (_, "NoSuchBucket"), (_, "PermanentRedirect"), (_, "TemporaryRedirect"), (300..<400, _),
            (_, "AuthorizationHeaderMalformed"), (_, "InvalidBucketName"):
            .invalidConfiguration
        case (507, _), (413, _), (_, "QuotaExceeded"), (_, "EntityTooLarge"), (_, "XMinioStorageFull"): .full
        case (401, _), (403, _): .accessDenied
        case (404, _): .notFound
        case (412, _): .changed
        default: .unavailable
        }
    }

    /// What the server said, and what to do; a server that began its answer before it was sure says 200.
    var explanation: String {
        let said = "the server answered \(status)\(name.map { " (\($0))" } ?? "")"
        return advice.map { "\(said); \($0)" } ?? said
    }

    private var advice: String? {
        switch (status, name) {
        case (_, "InvalidAccessKeyId"): "see AWS_ACCESS_KEY_ID"
        case (_, "SignatureDoesNotMatch"): "see AWS_SECRET_ACCESS_KEY and the region"
        case (_, "ExpiredToken"), (_, "InvalidToken"): "see AWS_SESSION_TOKEN"
        case (_, "RequestTimeTooSkewed"): "set the clock of this machine"
        case (_, "NoSuchBucket"): "make the bucket, or see OBJECT_STORE_URL"
        case (300..<400, _), (_, "AuthorizationHeaderMalformed"), (_, "PermanentRedirect"):
            "see the region in OBJECT_STORE_URL or AWS_REGION\(region.map { "; the bucket's is \($0.prefix(64))" } ?? "")"
        case (507, _), (_, "QuotaExceeded"), (_, "XMinioStorageFull"): "make room or raise the quota"
        case (401, _), (403, _): "allow these keys to read, write, list and delete there"
        case (413, _), (_, "EntityTooLarge"): "it takes no object of this size"
        default: nil
        }
    }

    private static let temporary: Set<String> = [
        "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "BadDigest",
        "XAmzContentSHA256Mismatch", "IncompleteBody", "RequestTimeoutException", "Throttling",
        "ConditionalRequestConflict",
    ]
}
