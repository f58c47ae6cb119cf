import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One call of the S3 API.
struct S3Request: Sendable {
    var method: HTTPMethod
    /// The object; empty for the bucket itself.
    var key: String
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// The SHA-256 of the body, in hexadecimal, where it is known already.
    var bodyHash: String?
    /// What it is for, to begin a message with: `put 'a/b.mp4'`.
    var purpose: String
    /// How many bytes of a good answer are taken.
    var answerLimit = 1 << 20
}

extension S3Request {
    /// The request as it is sent, signed for this moment.
    func signed(for endpoint: S3Endpoint, by credentials: S3Credentials, at date: Date) -> HTTPClientRequest {
        let bodyHash = bodyHash ?? ContentDigest.sha256(body)
        let path = endpoint.path(of: key)
        var fields =
            headers + [
                ("host", endpoint.host), ("x-amz-content-sha256", bodyHash),
                ("x-amz-date", SigV4Signer.timestamp(date)),
            ]
        if let token = credentials.sessionToken { fields.append(("x-amz-security-token", token)) }
        let content = SigV4Signer.Content(
            method: method.rawValue,
            path: path,
            query: query,
            headers: fields,
            bodyHash: bodyHash
        )
        let signer = SigV4Signer(credentials: credentials, region: endpoint.region)
        var request = HTTPClientRequest(url: endpoint.url(path: path, query: SigV4Signer.queryText(query)))
        request.method = method
        request.headers = HTTPHeaders(
            fields + [("authorization", signer.authorization(for: content, at: date)), ("user-agent", "martlet")]
        )
        if !body.isEmpty || method == .PUT || method == .POST { request.body = .bytes(ByteBuffer(bytes: body)) }
        return request
    }
}
