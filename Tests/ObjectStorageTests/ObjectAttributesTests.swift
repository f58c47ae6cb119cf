import ObjectStorage
import Testing

struct ObjectAttributesTests {
    @Test(arguments: [
        ("m/master.m3u8", "application/vnd.apple.mpegurl", "public, max-age=5"),
        ("m/manifest.mpd", "application/dash+xml", "public, max-age=5"),
        ("m/video/720p/init.mp4", "video/mp4", "public, max-age=31536000, immutable"),
        ("m/video/720p/seg_00001.m4s", "video/iso.segment", "public, max-age=31536000, immutable"),
        ("m/thumb_1.jpg", "image/jpeg", "public, max-age=3600"),
        ("m/storyboard.vtt", "text/vtt; charset=utf-8", "public, max-age=3600"),
        ("m/subtitles/en/seg_00001.vtt", "text/vtt; charset=utf-8", "public, max-age=31536000, immutable"),
        ("m/asset.json", "application/json", "public, max-age=5"),
        ("m/r-1/SHA256SUMS", "text/plain", "public, max-age=5"),
        ("m.v2/README", "application/octet-stream", "public, max-age=5"),
        ("m/what.bin", "application/octet-stream", "public, max-age=5"),
    ])
    func `the extension of a name decides`(key: String, contentType: String, cacheControl: String) throws {
        let attributes = ObjectAttributes.forKey(try #require(ObjectKey(key)))
        #expect(attributes == ObjectAttributes(contentType: contentType, cacheControl: cacheControl))
    }

    @Test(arguments: ["", "/a", "a/", "a//b", ".", "..", "a/../b", "a b", "a\0b", "ä", "a\\b", "a%2e"])
    func `a text that could leave the folder, or needs escaping, is no key`(text: String) {
        #expect(ObjectKey(text) == nil)
    }
}
