package import NIOCore
package import NIOHTTP1

/// What a client said when it asked for a WebSocket; gone once the question is answered.
package struct UpgradeRequest: Sendable {
    package let method: HTTPMethod
    package let path: String
    package let headers: HTTPHeaders
    package let remoteAddress: SocketAddress?
    package let query: QueryParameters

    init(_ head: HTTPRequestHead, remoteAddress: SocketAddress?) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        method = head.method
        path = String(parts.first ?? "")
        query = QueryParameters(parts.count > 1 ? parts[1] : "")
        headers = head.headers
        self.remoteAddress = remoteAddress
    }

    /// The value of query parameter `name`, decoded; `nil` if there is none.
    package func parameter(_ name: String) -> String? { query[name] }
}
