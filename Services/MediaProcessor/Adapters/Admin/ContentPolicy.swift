import Foundation

/// What the page may load and talk to (Content Security Policy Level 3).
enum ContentPolicy {
    /// The header's value, with pictures and storyboards from where media are.
    static func text(mediaURL: String) -> String {
        let media = origin(of: mediaURL).map { " \($0)" } ?? ""
        return [
            "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:\(media)",
            "connect-src 'self'\(media)", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    private static func origin(of text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, let host = url.host(), host.isPlain else {
            return nil
        }
        return "\(scheme)://\(host)\(url.port.map { ":\($0)" } ?? "")"
    }
}

extension String {
    /// Whether it is in plain characters, so that it cannot end a directive and begin another.
    fileprivate var isPlain: Bool {
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
