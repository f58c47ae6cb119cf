/// The channels of one connection, and what each message means given which are joined (lib/phoenix/socket.ex).
///
/// Decides and does nothing: its owner acts and reports back by ``insert(_:)`` and ``remove(_:)``.
struct ChannelTable<Member: ChannelTableMember> {
    enum Decision {
        case heartbeat
        /// The connection gets a new token; the answer carries `joinRef`.
        case refresh(TokenRefresh, joinRef: MessageReference)
        /// `replacing` is the membership that a second join of the topic ends.
        case join(replacing: Member?)
        case tooManyChannels
        case leave(Member)
        /// It leaves a membership that has ended; Phoenix answers nothing.
        case staleLeave
        /// Nothing to leave, which is fine.
        case leaveUnjoined
        case event(Member)
        case unmatchedTopic
    }

    /// Few, so a search beats a dictionary in time and in bytes.
    private(set) var members: [Member] = []
    private let maximumCount: Int

    init(maximumCount: Int) {
        self.maximumCount = maximumCount
    }

    func decide(_ message: PhoenixMessage) -> Decision {
        if message.topic == "phoenix", message.event == "heartbeat" { return .heartbeat }
        let member = members.first { $0.topic == message.topic }
        if member != nil || message.topic == "phoenix", let refresh = TokenRefresh(message) {
            return .refresh(refresh, joinRef: member?.joinRef ?? .null)
        }
        switch (message.event, member) {
        case ("phx_join", .some(let member)): return .join(replacing: member)
        case ("phx_join", .none): return members.count < maximumCount ? .join(replacing: nil) : .tooManyChannels
        case ("phx_leave", .some(let member)):
            return message.joinRef.isNull || message.joinRef == member.joinRef ? .leave(member) : .staleLeave
        case ("phx_leave", .none): return .leaveUnjoined
        // The join_ref of an ordinary event is not looked at: a push that crossed a rejoin is still served.
        case (_, .some(let member)): return .event(member)
        case (_, .none): return .unmatchedTopic
        }
    }

    mutating func insert(_ member: Member) {
        members.append(member)
    }

    /// Takes a member out; returns whether it was there.
    mutating func remove(_ member: Member) -> Bool {
        guard let index = members.firstIndex(where: { $0 === member }) else { return false }
        members.remove(at: index)
        return true
    }

    mutating func removeAll() -> [Member] {
        defer { members = [] }
        return members
    }
}

/// One joined topic of a connection.
protocol ChannelTableMember: AnyObject {
    var topic: String { get }
    var joinRef: MessageReference { get }
}
