import Foundation

/// What the page may load and talk to (Content Security Policy Level 3).
struct ContentPolicy: Sendable {
    /// The player, pinned; the page carries its hash.
    private static let playerScript = "https://cdn.jsdelivr.net/npm/hls.js@1.6.16/dist/hls.min.js"

    /// Where media come from, if not from us; ends with a blank.
    private let mediaOrigin: String

    init(mediaURL: String) {
        mediaOrigin = Self.origin(of: mediaURL).map { "\($0) " } ?? ""
    }

    /// The header's value for a page served as `authority`, which names the WebSocket's origin: not every browser counts
    /// `ws:` to `'self'`.
    func text(for authority: String?) -> String {
        let sockets = authority.flatMap { $0.isPlainAuthority ? "ws://\($0) wss://\($0) " : nil } ?? ""
        return [
            "default-src 'none'",
            "script-src 'self' \(Self.playerScript)",
            "style-src 'self'",
            "img-src 'self' \(mediaOrigin)data: blob:",
            "media-src 'self' \(mediaOrigin)blob:",
            "connect-src 'self' \(mediaOrigin)\(sockets)".trimmingCharacters(in: .whitespaces),
            // The player works in a worker that it makes of its own text.
            "worker-src blob:",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    private static func origin(of text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host(), host.isPlainAuthority else {
            return nil
        }
        return "\(scheme)://\(host)\(url.port.map { ":\($0)" } ?? "")"
    }
}

extension String {
    /// Whether it is host and port in plain characters, so that it cannot end a directive and begin another.
    fileprivate var isPlainAuthority: Bool {
        utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-_:[]".utf8.contains(byte)
            }
        }
    }
}
