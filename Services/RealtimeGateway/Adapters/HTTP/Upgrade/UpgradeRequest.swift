import Foundation
package import NIOCore
package import NIOHTTP1

/// What a client said when it asked for a WebSocket; gone once the question is answered.
package struct UpgradeRequest: Sendable {
    package let method: HTTPMethod
    package let path: String
    package let headers: HTTPHeaders
    package let remoteAddress: SocketAddress?
    private let query: Substring

    init(_ head: HTTPRequestHead, remoteAddress: SocketAddress?) {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        method = head.method
        path = String(parts.first ?? "")
        query = parts.count > 1 ? parts[1] : ""
        headers = head.headers
        self.remoteAddress = remoteAddress
    }

    /// The value of query parameter `name`, decoded; `nil` if there is none.
    ///
    /// Of repeated parameters the last wins, as in Plug.
    package func parameter(_ name: String) -> String? { QueryText.value(of: name, in: query) }
}
