package import NIOCore

/// What the head of a request to an endpoint's path says.
package struct ExchangeRequest: Sendable {
    package let method: String
    package let query: QueryParameters
    package let headers: RequestHeaders
    package let remoteAddress: SocketAddress?

    init(method: String, query: Substring, headers: RequestHeaders, remoteAddress: SocketAddress?) {
        self.method = method
        self.query = QueryParameters(query)
        self.headers = headers
        self.remoteAddress = remoteAddress
    }

    init(_ head: RequestHead, remoteAddress: SocketAddress?) {
        self.init(method: head.methodName, query: head.query, headers: head.headers, remoteAddress: remoteAddress)
    }
}
