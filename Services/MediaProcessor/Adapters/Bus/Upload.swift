import EventSchema
import Foundation
import Messaging

/// What the handler needs of a `media.uploaded`.
struct Upload: Sendable {
    let eventID: UUID
    let mediaID: UUID
    let userID: String
    let sourceURI: String
    let trace: TraceContext

    init(_ received: EventHandlers.Received<MediaUploaded>) {
        eventID = received.envelope.eventID
        mediaID = received.payload.mediaID
        userID = received.payload.userID
        sourceURI = received.payload.filePath
        trace = received.trace
    }
}
