import Hummingbird

/// Says below `/media/` that media are not served from here, to whoever set `CDN_BASE_URL` as if they were.
enum MediaElsewhere {
    private static let message =
        "media are not served here: the object store is no folder; CDN_BASE_URL says where they are"

    static func addRoutes(to router: Router<some RequestContext>) {
        router.get("media/**") { _, _ -> Response in throw notFound }
        router.head("media/**") { _, _ -> Response in throw notFound }
    }

    private static var notFound: HTTPError { HTTPError(.notFound, headers: MediaHeaders.absent, message: message) }
}
