extension ObjectAttributes {
    /// Published once and never changed under the same name.
    private static let immutable = "public, max-age=31536000, immutable"
    /// May be published again: a client asks anew after 5 s.
    private static let brief = "public, max-age=5"
    /// Pictures, which a processor of a newer version may make anew under the same names.
    private static let hour = "public, max-age=3600"

    /// What is told about an object, from the extension of its name.
    package static func forKey(_ key: ObjectKey) -> ObjectAttributes {
        let name = key.description
        if name.hasSuffix("SHA256SUMS") { return ObjectAttributes(contentType: "text/plain", cacheControl: brief) }
        guard let dot = name.lastIndex(of: "."), !name[dot...].contains("/") else {
            return ObjectAttributes(contentType: "application/octet-stream", cacheControl: brief)
        }
        return switch name[dot...].dropFirst().lowercased() {
        case "m3u8": ObjectAttributes(contentType: "application/vnd.apple.mpegurl", cacheControl: brief)
        case "mpd": ObjectAttributes(contentType: "application/dash+xml", cacheControl: brief)
        case "mp4": ObjectAttributes(contentType: "video/mp4", cacheControl: immutable)
        case "m4s": ObjectAttributes(contentType: "video/iso.segment", cacheControl: immutable)
        case "jpg", "jpeg": ObjectAttributes(contentType: "image/jpeg", cacheControl: hour)
        case "vtt":
            // The storyboard's goes with its pictures, subtitles with their segments.
            ObjectAttributes(
                contentType: "text/vtt; charset=utf-8",
                cacheControl: name.hasSuffix("storyboard.vtt") ? hour : immutable
            )
        case "json": ObjectAttributes(contentType: "application/json", cacheControl: brief)
        default: ObjectAttributes(contentType: "application/octet-stream", cacheControl: brief)
        }
    }
}
