import Foundation
import HTTPTypes
package import Hummingbird

/// The demonstration page: `GET /` for browsers, and what it is made of below `/assets/`.
///
/// `GET /` answers everybody else with the facts about the service as JSON.
package struct PageRoutes: Sendable {
    private let description: ServiceDescription
    private let page: PageAsset
    private let policy: ContentPolicy

    /// Makes the page for media that lie below `mediaURL`, as `CDN_BASE_URL` says: `https://cdn.example.com/media`.
    package init(_ description: ServiceDescription, mediaURL: String) {
        self.description = description
        policy = ContentPolicy(mediaURL: mediaURL)
        page = PageAsset(
            PackageResources.index_html,
            type: "text/html; charset=utf-8",
            replacing: ["{{media-url}}": mediaURL]
        )
    }

    package func addRoutes(to router: Router<some RequestContext>) {
        router.get("/") { request, _ in root(request) }
        router.head("/") { request, _ in root(request).createHeadResponse() }
        router.refuseOtherMethods(than: [.get, .head], on: "/")
        for (path, asset) in Self.assets { add(asset, at: path, to: router) }
    }

    private static let assets: [(RouterPath, PageAsset)] = [
        ("/assets/app.css", PageAsset(PackageResources.app_css, type: "text/css; charset=utf-8")),
        ("/assets/app.js", script(PackageResources.app_js)),
        ("/assets/chat.js", script(PackageResources.chat_js)),
        ("/assets/page.js", script(PackageResources.page_js)),
        ("/assets/phoenix.js", script(PackageResources.phoenix_js)),
        ("/assets/player.js", script(PackageResources.player_js)),
        ("/assets/storyboard.js", script(PackageResources.storyboard_js)),
    ]

    private static func script(_ bytes: [UInt8]) -> PageAsset {
        PageAsset(bytes, type: "text/javascript; charset=utf-8")
    }

    private func add(_ asset: PageAsset, at path: RouterPath, to router: Router<some RequestContext>) {
        router.get(path) { request, _ in asset.response(to: request) }
        router.head(path) { request, _ in asset.response(to: request).createHeadResponse() }
        router.refuseOtherMethods(than: [.get, .head], on: path)
    }

    private func root(_ request: Request) -> Response {
        let wantsPage = request.headers[values: .accept].contains { $0.contains("text/html") }
        var response = wantsPage ? page.response(to: request) : description.response(to: request)
        response.headers[.vary] = "Accept"
        if wantsPage { response.headers[.contentSecurityPolicy] = policy.text(for: request.head.authority) }
        return response
    }
}
