package import EventSchema

/// A client that may have lost its connection, as it takes to put it back.
package struct AbsentClient: Sendable, Hashable {
    /// What only the client can show that it is.
    package let key: String
    package let userID: String
    /// What its protocol keeps of it.
    package let state: [UInt8]

    package init(key: String, userID: String, state: [UInt8]) {
        self.key = key
        self.userID = userID
        self.state = state
    }
}

/// Where clients are kept so that they can come back to another process than the one that they lost.
package protocol AbsentClientStore: Sendable {
    /// Notes that a process lives, and what its clients are now; of one that is saved and removed the latter holds.
    ///
    /// - Parameter process: Another name for each process that ever was.
    func note(
        _ process: String,
        saving clients: [AbsentClient],
        removing keys: [String],
        at now: Timestamp
    ) async throws

    /// Takes a client out, if its process has lived since `limit`.
    func take(_ key: String, aliveSince limit: Timestamp) async throws -> AbsentClient?

    /// Lets none of a user's clients come back.
    func removeAll(of userID: String) async throws
}
