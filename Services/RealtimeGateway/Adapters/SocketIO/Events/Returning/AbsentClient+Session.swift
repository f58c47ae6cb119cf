import EventSchema
import Foundation
import RealtimeDomain
import SocketIO

/// What is stored of a client: `{"sid", "namespace", "topics", "state"}`.
extension AbsentClient {
    /// `nil` for a client that nobody knows.
    init?(_ session: StoredSession, key: String) {
        guard let userID = Self.userID(in: session.state) else { return nil }
        let facts: JSONObject = [
            "sid": .string(session.sid), "namespace": .string(session.namespace),
            "topics": .array(session.topics.map(JSONValue.string)),
        ]
        // The state is JSON already, and goes in as it is.
        let stored = JSONValue.object(facts).encoded.dropLast() + Array(#","state":"#.utf8) + session.state
        self.init(key: key, userID: userID, state: Array(stored) + [UInt8(ascii: "}")])
    }

    private static func userID(in state: [UInt8]) -> String? {
        let bytes = state.span
        guard let range = try? JSONMembers(scanning: bytes).value(of: "user_id", in: bytes) else { return nil }
        return (try? JSONParser.string(at: range, in: bytes)) ?? nil
    }

    func session(pid: String) -> StoredSession? {
        guard let stored = try? JSONParser.parse(state), let sid = stored["sid"]?.stringValue,
            let namespace = stored["namespace"]?.stringValue, let topics = stored["topics"]?.arrayValue,
            let state = stored["state"]
        else { return nil }
        return StoredSession(
            pid: pid,
            sid: sid,
            namespace: namespace,
            topics: topics.compactMap(\.stringValue),
            state: state.encoded
        )
    }
}
