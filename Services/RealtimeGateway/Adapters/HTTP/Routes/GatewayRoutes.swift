package import Hummingbird

/// Everything the gateway serves over plain HTTP, apart from what the transports add.
package struct GatewayRoutes: Sendable {
    private let pages: PageRoutes
    private let media: MediaFiles?

    /// Puts the routes together.
    ///
    /// - `mediaURL`: `CDN_BASE_URL`, where browsers find media.
    /// - `mediaRoot`: the folder of the local store; `nil` where media are not served from here, which is then said.
    package init(_ description: ServiceDescription, mediaURL: String, mediaRoot: String?) {
        pages = PageRoutes(description, mediaURL: mediaURL)
        media = mediaRoot.map { MediaFiles(root: $0) }
    }

    /// A router with all routes, whose errors are JSON; others add theirs to it.
    package func router<Context: RequestContext>(context: Context.Type = BasicRequestContext.self) -> Router<Context> {
        let router = Router(context: context)
        router.add(middleware: RequestCounting())
        router.add(middleware: ErrorDetailMiddleware())
        pages.addRoutes(to: router)
        if let media { media.addRoutes(to: router) } else { MediaElsewhere.addRoutes(to: router) }
        return router
    }
}
