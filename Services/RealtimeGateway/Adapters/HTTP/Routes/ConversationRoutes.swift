import EventSchema
import HTTPTypes
package import Hummingbird
package import RealtimeDomain

/// `/api/conversations`: what backends say and ask of conversations and their members.
///
/// A change is durable when it is answered, in effect on this node, and on its way to the others.
package struct ConversationRoutes: Sendable {
    /// Bytes of a request's body; enough for the longest list of members.
    private static let maximumBody = 4 << 20
    /// Bytes of a member's description.
    private static let maximumMemberBody = 16 << 10
    private static let maximumPage = 200
    /// Bytes of what a page comes after: a kind and an id.
    private static let maximumCursor = 512

    private let management: any ConversationManagement
    private let apiKey: APIKey

    package init(management: any ConversationManagement, apiKey: APIKey) {
        self.management = management
        self.apiKey = apiKey
    }

    private typealias Handler = @Sendable (Request, any RequestContext) async throws -> Response

    package func add<Context: RequestContext>(to router: Router<Context>) {
        on("/api/conversations", [.get: list], router)
        on("/api/conversations/:conversation_id", [.get: show, .put: save, .delete: delete], router)
        on(
            "/api/conversations/:conversation_id/members/:user_id",
            [.put: addMember, .delete: removeMember],
            router
        )
    }

    private func on<Context: RequestContext>(
        _ path: RouterPath,
        _ handlers: KeyValuePairs<HTTPRequest.Method, Handler>,
        _ router: Router<Context>
    ) {
        for (method, handler) in handlers {
            router.on(path, method: method) { [apiKey] request, context -> Response in
                try apiKey.check(request)
                do {
                    return try await handler(request, context)
                } catch let refusal as Refusal {
                    throw ErrorDetail(refusal)
                }
            }
        }
        router.refuseOtherMethods(than: handlers.map(\.key), on: path)
    }

    // MARK: Conversations

    private func list(_ request: Request, _ context: any RequestContext) async throws -> Response {
        let limit = try Self.limit(request)
        let (workspaceID, after) = try Self.filter(request)
        let conversations = try await management.overviews(ofWorkspace: workspaceID, after: after ?? "", limit: limit)
        let next = conversations.count == limit ? conversations.last?.conversation.key.description : nil
        return .json(
            .ok,
            [
                "conversations": .array(conversations.map { .object($0.json) }),
                "next": next.map(JSONValue.string) ?? .null,
            ]
        )
    }

    private static func filter(_ request: Request) throws(ErrorDetail) -> (workspaceID: String?, after: String?) {
        let fields = ["workspace_id", "after"].compactMap { name in
            request.parameter(name).map { (name, JSONValue.string($0)) }
        }
        do throws(SchemaError) {
            var reader = try ObjectReader(.object(JSONObject(uniqueKeysWithValues: fields)), at: "")
            return (
                try reader.optionalIdentifier("workspace_id"), try reader.optionalText("after", maximum: maximumCursor)
            )
        } catch {
            throw ErrorDetail(.unprocessableContent, error.description)
        }
    }

    private static func limit(_ request: Request) throws(ErrorDetail) -> Int {
        guard let text = request.parameter("limit") else { return 50 }
        guard let limit = Int(text), (1...maximumPage).contains(limit) else {
            throw ErrorDetail(.unprocessableContent, "limit: expected an integer from 1 to \(maximumPage)")
        }
        return limit
    }

    private func show(_ request: Request, _ context: any RequestContext) async throws -> Response {
        let key = try await key(request, context)
        guard let overview = try await management.overview(of: key) else { throw Refusal.unknownConversation }
        return .json(.ok, overview.json)
    }

    private func save(_ request: Request, _ context: any RequestContext) async throws -> Response {
        let id = try context.identifier("conversation_id")
        var fields = try await request.object(atMost: Self.maximumBody)
        fields["conversation_id"] = .string(id)
        // There is a method for it.
        fields["deleted"] = nil
        if fields["kind"] == nil, let kind = request.parameter("kind") { fields["kind"] = .string(kind) }
        let update = ConversationUpdate(try ConversationUpdated(fields: fields))
        let (overview, isNew) = try await management.save(update)
        return .json(isNew ? .created : .ok, overview.json)
    }

    private func delete(_ request: Request, _ context: any RequestContext) async throws -> Response {
        guard try await management.delete(try await key(request, context)) else { throw Refusal.unknownConversation }
        return Response(status: .noContent)
    }

    // MARK: Members

    private func addMember(_ request: Request, _ context: any RequestContext) async throws -> Response {
        let fields = try await request.object(atMost: Self.maximumMemberBody)
        let update = try await memberUpdate("added", fields, request, context)
        let isNew = try await management.apply(update)
        return .json(isNew ? .created : .ok, update.json)
    }

    private func removeMember(_ request: Request, _ context: any RequestContext) async throws -> Response {
        let update = try await memberUpdate("removed", [:], request, context)
        guard try await management.apply(update) else {
            throw Refusal(.notFound, "the user is no member of this conversation")
        }
        return Response(status: .noContent)
    }

    private func memberUpdate(
        _ action: String,
        _ fields: JSONObject,
        _ request: Request,
        _ context: any RequestContext
    ) async throws -> MemberUpdate {
        let key = try await key(request, context)
        var fields = fields
        fields["conversation_id"] = .string(key.id)
        fields["kind"] = .string(key.kind.rawValue)
        fields["user_id"] = .string(try context.identifier("user_id"))
        fields["action"] = .string(action)
        return MemberUpdate(try MemberUpdated(fields: fields))
    }

    // MARK: Which one

    /// The conversation that a request is about: of the kind that it names, or else the only one with this id.
    private func key(_ request: Request, _ context: any RequestContext) async throws -> ConversationKey {
        let id = try context.identifier("conversation_id")
        if let word = request.parameter("kind") {
            guard let kind = ConversationKey.Kind(rawValue: word) else {
                let known = ConversationUpdated.kinds.joined(separator: ", ")
                throw ErrorDetail(.unprocessableContent, "kind: expected one of \(known)")
            }
            return ConversationKey(kind, id)
        }
        let kinds = try await management.kinds(of: id)
        guard kinds.count < 2 else {
            let names = kinds.map(\.rawValue).joined(separator: ", ")
            throw ErrorDetail(.conflict, "there are several with this id, say with ?kind= which: \(names)")
        }
        guard let kind = kinds.first else { throw Refusal.unknownConversation }
        return ConversationKey(kind, id)
    }
}

extension ConversationOverview {
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "id": .string(conversation.key.id),
            "kind": .string(conversation.key.kind.rawValue),
            "name": .string(conversation.name),
            "type": .string(conversation.access.rawValue),
            "description": conversation.description.map(JSONValue.string) ?? .null,
            "workspace_id": conversation.workspaceID.map(JSONValue.string) ?? .null,
            "owner_id": conversation.ownerID.map(JSONValue.string) ?? .null,
            "last_seq": .integer(lastSeq),
            "member_count": .integer(memberCount),
        ]
        if let members { object["members"] = .array(members.map(JSONValue.string)) }
        return object
    }
}

extension MemberUpdate {
    fileprivate var json: JSONObject {
        [
            "conversation_id": .string(key.id), "kind": .string(key.kind.rawValue), "user_id": .string(userID),
            "action": .string(isAdded ? "added" : "removed"),
        ]
    }
}
