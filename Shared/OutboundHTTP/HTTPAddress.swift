import Foundation

/// An http or https URL from outside, taken apart and spelled in the one way in which it is also requested.
///
/// Two readers that disagree about a URL's host are how a checked address becomes another one, so what is not plain is
/// refused.
package struct HTTPAddress: Sendable, Hashable {
    /// The URL to request.
    package let url: String
    /// Whether what is said to it is encrypted.
    package var isEncrypted: Bool { url.hasPrefix("https:") }
    /// The host in lower case, without brackets.
    package let host: String
    /// The port, also where the URL does not name it.
    package let port: Int

    /// `nil` unless it is an http or https URL with a plain host and without user and password.
    package init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), parts.user == nil, parts.password == nil,
            let encoded = parts.encodedHost?.lowercased(), parts.port.map({ (1...65535).contains($0) }) ?? true
        else { return nil }
        let bare = encoded.hasPrefix("[") ? String(encoded.dropFirst().dropLast()) : encoded
        guard Self.isPlain(bare) else { return nil }
        parts.scheme = scheme
        parts.encodedHost = encoded
        parts.fragment = nil
        if parts.percentEncodedPath.isEmpty { parts.percentEncodedPath = "/" }
        guard let url = parts.string else { return nil }
        self.url = url
        host = bare
        port = parts.port ?? (scheme == "https" ? 443 : 80)
    }

    private static func isPlain(_ host: String) -> Bool {
        if IPAddress(host) != nil { return true }
        return !host.isEmpty && host.utf8.count <= 253
            && host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
