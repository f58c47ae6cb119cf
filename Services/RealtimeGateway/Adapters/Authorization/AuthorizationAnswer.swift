import EventSchema

/// What the backend answered: `{"allow": true}` or `{"allow": false}`, with 200.
struct AuthorizationAnswer: Hashable, Sendable {
    /// Why an answer is none.
    struct Unusable: Error, CustomStringConvertible {
        let description: String
    }

    /// However long the backend says.
    private static let maximumLifetime = Duration.seconds(3600)

    let allows: Bool
    /// How long it holds, if the backend says so.
    let lifetime: Duration?

    /// - Parameter cacheControl: The values of `Cache-Control`.
    init(status: Int, cacheControl: [String], body: [UInt8]) throws(Unusable) {
        guard status == 200 else { throw Unusable(description: "it answered \(status), expected 200") }
        guard let allows = (try? JSONParser.parse(body))?["allow"]?.boolValue else {
            throw Unusable(description: #"it answered no {"allow": true} or {"allow": false}"#)
        }
        self.allows = allows
        lifetime = Self.lifetime(cacheControl)
    }

    /// RFC 9111 section 5.2.2; what else it may say has no meaning here.
    private static func lifetime(_ cacheControl: [String]) -> Duration? {
        var lifetime: Duration?
        for directive in cacheControl.flatMap({ $0.split(separator: ",") }) {
            let text = directive.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
            if text == "no-store" || text == "no-cache" { return .zero }
            guard text.hasPrefix("max-age="), let seconds = Int64(text.dropFirst(8)) else { continue }
            lifetime = min(.seconds(max(seconds, 0)), maximumLifetime)
        }
        return lifetime
    }
}
