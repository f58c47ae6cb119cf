import EventSchema
import Foundation
import RealtimeDomain
import SocketIO

/// What is stored of a client: `{"sid", "namespace", "topics", "state"}`.
extension AbsentClient {
    /// `nil` for a client that nobody knows.
    init?(_ session: StoredSession, key: String) {
        guard let state = try? JSONParser.parse(session.state), let userID = state["user_id"]?.stringValue else {
            return nil
        }
        let stored: JSONValue = [
            "sid": .string(session.sid), "namespace": .string(session.namespace),
            "topics": .array(session.topics.map(JSONValue.string)), "state": state,
        ]
        self.init(key: key, userID: userID, state: stored.encoded)
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
