import HTTPTypes
import ObjectStorage

/// The header fields of answers about one media file.
struct MediaHeaders {
    private let file: StoredFile
    private let key: ObjectKey

    init(file: StoredFile, key: ObjectKey) {
        self.file = file
        self.key = key
    }

    /// What tells a cache which content this is; all that a 304 repeats (RFC 9110 section 15.4.5).
    var validators: HTTPFields {
        var fields = Self.shared
        fields[.eTag] = file.entityTag
        fields[.lastModified] = HTTPDate(seconds: file.modifiedAt).description
        fields[.cacheControl] = ObjectAttributes.forKey(key).cacheControl
        return fields
    }

    var whole: HTTPFields {
        var fields = validators
        fields[.contentType] = ObjectAttributes.forKey(key).contentType
        fields[.acceptRanges] = "bytes"
        fields[.xContentTypeOptions] = "nosniff"
        return fields
    }

    func part(_ range: Range<Int64>) -> HTTPFields {
        var fields = whole
        fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
        return fields
    }

    var unsatisfiable: HTTPFields {
        var fields = Self.absent
        fields[.contentRange] = "bytes */\(file.size)"
        return fields
    }

    /// Of an answer that is no file: it may be one a moment later, so nobody shall remember it.
    static var absent: HTTPFields {
        var fields = shared
        fields[.cacheControl] = "no-store"
        return fields
    }

    /// The answer to a browser that asks before it reads with a range from another origin (Fetch, CORS-preflight).
    static var preflight: HTTPFields {
        var fields = shared
        fields[.accessControlAllowMethods] = "GET, HEAD, OPTIONS"
        fields[.accessControlAllowHeaders] = "Range, If-Range, If-None-Match, If-Modified-Since"
        fields[.accessControlMaxAge] = "86400"
        return fields
    }

    /// Players run on any origin, and media files are no secret to whoever knows their address.
    private static var shared: HTTPFields {
        var fields = HTTPFields()
        fields[.accessControlAllowOrigin] = "*"
        fields[.accessControlExposeHeaders] = "Accept-Ranges, Content-Length, Content-Range, ETag"
        fields[.crossOriginResourcePolicy] = "cross-origin"
        return fields
    }
}
