package import NIOCore

/// What has a deadline, on its event loop.
package protocol TimerWheelMember: AnyObject {
    /// Where the timer wheel keeps it.
    var timerPosition: TimerWheel.Position? { get set }

    /// The client that it is; `nil` if it has not become one.
    var client: (any ClientConnection)? { get }

    /// Does what is due; returns when to ask again, or `nil` if it is gone.
    func deadlinePassed(_ now: NIODeadline) -> NIODeadline?
}
