import Crypto
import Foundation
import NIOHTTP1

/// The opening handshake of RFC 6455 section 4.2.
enum WebSocketHandshake {
    /// What is wrong with a request for a WebSocket; `nil` if nothing is.
    static func fault(_ request: UpgradeRequest) -> String? {
        let headers = request.headers
        if !headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }) {
            return "'upgrade' header must contain 'websocket'"
        }
        if !headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) {
            return "'connection' header must contain 'upgrade'"
        }
        if headers.first(name: "sec-websocket-version") != "13" {
            return "'sec-websocket-version' header must equal '13'"
        }
        guard let key = headers.first(name: "sec-websocket-key"), Data(base64Encoded: key)?.count == 16 else {
            return "'sec-websocket-key' header must be 16 bytes in base64"
        }
        return nil
    }

    /// The headers of the answer that opens the WebSocket.
    static func responseHeaders(_ request: UpgradeRequest, subprotocol: String?) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-accept": accept(request.headers.first(name: "sec-websocket-key") ?? ""),
        ]
        if let subprotocol { headers.add(name: "sec-websocket-protocol", value: subprotocol) }
        return headers
    }

    private static func accept(_ key: String) -> String {
        // The GUID is RFC 6455's own, section 1.3.
        let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Data(digest).base64EncodedString()
    }
}
