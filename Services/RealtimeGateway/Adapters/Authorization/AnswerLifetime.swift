/// How long an answer holds, as its `Cache-Control` says.
enum AnswerLifetime {
    /// However long the backend says.
    private static let maximum = Duration.seconds(3600)

    /// RFC 9111 section 5.2.2; what else the values of the field may say has no meaning here, and `nil` is for nothing.
    static func stated(_ cacheControl: [String]) -> Duration? {
        var lifetime: Duration?
        for directive in cacheControl.flatMap({ $0.split(separator: ",") }) {
            let text = directive.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
            if text == "no-store" || text == "no-cache" { return .zero }
            guard text.hasPrefix("max-age="), let seconds = Int64(text.dropFirst(8)) else { continue }
            lifetime = min(.seconds(max(seconds, 0)), maximum)
        }
        return lifetime
    }
}
