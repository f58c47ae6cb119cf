import Foundation

/// An HTTP response as it came.
package struct WireReply: Sendable {
    package let text: String

    package init(text: String) {
        self.text = text
    }

    package var status: Int { Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0 }

    package var body: String {
        guard let end = text.range(of: "\r\n\r\n") else { return "" }
        return String(text[end.upperBound...])
    }

    package subscript(header: String) -> String? {
        text.split(separator: "\r\n").dropFirst()
            .first { $0.lowercased().hasPrefix(header.lowercased() + ":") }
            .map { String($0.dropFirst(header.utf8.count + 1).trimmingPrefix(" ")) }
    }
}

extension WireClient {
    /// Sends a request over this connection.
    package func send(
        _ method: String,
        _ target: String,
        _ body: String? = nil,
        headers: String = ""
    ) async throws -> WireReply {
        let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
        return WireReply(
            text: try await request(
                "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(length)\(headers)\r\n\(body ?? "")"
            )
        )
    }

    /// Sends a request over a connection of its own.
    package static func send(
        port: Int,
        _ method: String,
        _ target: String,
        _ body: String? = nil,
        headers: String = ""
    ) async throws -> WireReply {
        try await withConnection(port: port) { try await $0.send(method, target, body, headers: headers) }
    }
}
