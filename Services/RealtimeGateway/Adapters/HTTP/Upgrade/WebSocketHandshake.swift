import Crypto
import Foundation

/// The opening handshake of RFC 6455 section 4.2.
enum WebSocketHandshake {
    /// What is wrong with a request for a WebSocket; `nil` if nothing is.
    static func fault(_ request: UpgradeRequest) -> String? {
        let headers = request.headers
        if !headers.lists("websocket", in: "upgrade") {
            return "'upgrade' header must contain 'websocket'"
        }
        if !headers.lists("upgrade", in: "connection") {
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

    /// What shows the client that its request was understood.
    static func accept(_ key: String) -> String {
        // The GUID is RFC 6455's own, section 1.3.
        let digest = Insecure.SHA1.hash(data: Data("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        return Data(digest).base64EncodedString()
    }
}
