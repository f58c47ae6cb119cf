import EventSchema
import Foundation
import RealtimeDomain
import SocketIO

/// What moderators and owners do.
extension StreamDesk {
    func moderate(_ call: SocketCall) throws(Refusal) {
        try countModeration()
        guard ModerationSpelling.isAction(call.event.name) else {
            throw Refusal(.unknownEvent, "'\(call.event.name.prefix(100))' is not an event of this server")
        }
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        let action = try ModerationSpelling.action(call.event.name, fields)
        try action.check()
        perform(.moderate(action), in: streamID, call) { _ in call.accept(["stream_id": .string(streamID)]) }
    }

    func delete(_ call: SocketCall) throws(Refusal) {
        try countModeration()
        let fields = try call.fields()
        let streamID = try fields.requiredID("stream_id")
        guard let message = try fields.message("message_id") else {
            throw Refusal(.invalidPayload, "can't be blank", field: "message_id")
        }
        perform(.delete(message: message), in: streamID, call) { _ in
            call.accept(StreamSpelling.deleted(message, in: streamID))
        }
    }

    /// A moderator need not be in the stream.
    private func perform(
        _ command: ConversationCommand,
        in streamID: String,
        _ call: SocketCall,
        _ body: @escaping (ConversationEvent) -> Void
    ) {
        if let key = services.knownKey(of: streamID) {
            return call.perform(command, in: key, by: call.identity, body)
        }
        call.wait { [services] () throws(Refusal) in
            try await services.key(of: streamID)
        } _: { key in
            call.perform(command, in: key, by: call.identity, body)
        }
    }
}
