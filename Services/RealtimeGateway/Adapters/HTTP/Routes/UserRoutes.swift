import EventSchema
package import Hummingbird
package import RealtimeDomain

/// `POST /api/users/{id}/disconnect`: closes all connections of a user, on every node.
///
/// They close with a code after which clients come back, see ``Hub/disconnect(_:)``; whether they may shows when their
/// token is looked at.
package struct UserRoutes: Sendable {
    private let management: any ConversationManagement
    private let apiKey: APIKey

    package init(management: any ConversationManagement, apiKey: APIKey) {
        self.management = management
        self.apiKey = apiKey
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        let path: RouterPath = "/api/users/:user_id/disconnect"
        router.post(path) { request, context in
            try apiKey.check(request)
            let userID = try context.identifier("user_id")
            do throws(Refusal) {
                try await management.disconnect(userID)
            } catch {
                throw ErrorDetail(error)
            }
            return Response.json(.accepted, ["user_id": .string(userID), "status": "accepted"])
        }
        router.refuseOtherMethods(than: [.post], on: path)
    }
}
