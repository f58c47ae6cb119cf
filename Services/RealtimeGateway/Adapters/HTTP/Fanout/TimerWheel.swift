import NIOCore

/// The deadlines of all connections of one event loop, behind a single timer.
///
/// A scheduled task per connection costs memory and a heap operation whenever the client is heard. Here a connection stays
/// where it is until its slot comes up, and is then asked when it wants to be asked next. Those that have not said yet what
/// they want are among them.
package struct TimerWheel {
    /// Where a connection is kept, so that it can be taken out at once when it closes.
    package struct Position {
        fileprivate var slot: Int
        fileprivate var index: Int
    }

    /// How exact it is.
    let tick: TimeAmount
    /// Ticks per turn; a deadline further away is looked at once per turn.
    private static let slotCount = 128

    private var slots: [[any TimerWheelMember]] = Array(repeating: [], count: slotCount)
    private var current = 0
    private var count = 0
    /// The time of the last tick: at most a tick old, and free of a system call.
    private(set) var now: NIODeadline

    init(tick: TimeAmount = .seconds(1), now: NIODeadline = .now()) {
        self.tick = tick
        self.now = now
    }

    var isEmpty: Bool { count == 0 }

    /// All clients that are connected, in no order.
    var connections: [any ClientConnection] { slots.flatMap { $0.compactMap(\.client) } }

    mutating func insert(_ connection: any TimerWheelMember, at deadline: NIODeadline) {
        let ticks = (deadline - now).nanoseconds / tick.nanoseconds + 1
        let slot = (current + min(max(Int(ticks), 1), Self.slotCount - 1)) % Self.slotCount
        connection.timerPosition = Position(slot: slot, index: slots[slot].count)
        slots[slot].append(connection)
        count += 1
    }

    mutating func remove(_ connection: any TimerWheelMember) {
        guard let position = connection.timerPosition else { return }
        connection.timerPosition = nil
        count -= 1
        guard let last = slots[position.slot].popLast(), last !== connection else { return }
        slots[position.slot][position.index] = last
        last.timerPosition = position
    }

    mutating func reschedule(_ connection: any TimerWheelMember, at deadline: NIODeadline) {
        guard connection.timerPosition != nil else { return }
        remove(connection)
        insert(connection, at: deadline)
    }

    /// Moves on to `now` and takes out the connections whose deadline may have come.
    mutating func advance(to now: NIODeadline) -> [any TimerWheelMember] {
        let ticks = Int((now - self.now).nanoseconds / tick.nanoseconds)
        guard ticks > 0 else { return [] }
        self.now = self.now + tick * ticks
        var due: [any TimerWheelMember] = []
        for _ in 0..<min(ticks, Self.slotCount) {
            current = (current + 1) % Self.slotCount
            due += slots[current]
            slots[current] = []
        }
        for connection in due { connection.timerPosition = nil }
        count -= due.count
        return due
    }
}
