import EventSchema

/// What the backend answered: `{"allow": true}` or `{"allow": false}`, with 200.
struct AuthorizationAnswer: Hashable, Sendable {
    let allows: Bool
    /// How long it holds, if the backend says so.
    let lifetime: Duration?

    init(_ reply: BackendReply) throws(UnusableAnswer) {
        guard reply.status == 200 else {
            throw UnusableAnswer(description: "it answered \(reply.status), expected 200")
        }
        guard let allows = (try? JSONParser.parse(reply.body))?["allow"]?.boolValue else {
            throw UnusableAnswer(description: #"it answered no {"allow": true} or {"allow": false}"#)
        }
        self.allows = allows
        lifetime = AnswerLifetime.stated(reply.cacheControl)
    }
}
