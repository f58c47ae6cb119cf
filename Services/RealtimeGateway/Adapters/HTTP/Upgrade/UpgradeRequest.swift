package import NIOCore
package import NIOHTTP1

/// What a client said when it asked for a WebSocket; gone once the question is answered.
package struct UpgradeRequest: Sendable {
    package let path: String
    package let headers: RequestHeaders
    package let remoteAddress: SocketAddress?
    package let query: QueryParameters

    /// - Parameter path: The endpoint's, which the head asks for.
    init(_ head: RequestHead, path: String, remoteAddress: SocketAddress?) {
        self.path = path
        query = QueryParameters(head.query)
        headers = head.headers
        self.remoteAddress = remoteAddress
    }

    /// RFC 6455 section 4.1 knows no other.
    package var method: HTTPMethod { .GET }

    /// The value of query parameter `name`, decoded; `nil` if there is none.
    package func parameter(_ name: String) -> String? { query[name] }
}
