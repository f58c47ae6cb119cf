import CSockets
import Dispatch
import Foundation
import Glibc
import NIOCore
import Synchronization

/// Waits for many sockets of one event loop on a thread of its own, and has the loop see to all of those at once that are
/// ready.
///
/// A channel of NIO's does the same for one socket, with a pipeline, handlers, buffers and a registration that cost more
/// memory than all else that is known of a client that says nothing. Here it costs a place in a list.
///
/// Everything but the waiting happens on the event loop, which is what guards the state across threads; while the loop looks
/// at what has come the thread waits for it.
@safe final class Reactor: @unchecked Sendable {
    /// Sockets that are seen to in one go.
    private static let batch = 256

    let loop: any EventLoop
    /// What is read into, by one socket after another.
    var buffer = ByteBuffer()
    private let epoll: CInt
    /// Wakes the thread when it is to end.
    private let bell: CInt
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private let hasHandled = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)
    /// Who waits for the thread to end.
    private var stopper: CheckedContinuation<Void, Never>?
    /// By descriptor.
    private var members: [Pollable?] = []
    private var generation: UInt32 = 0

    /// - Throws: ``IOError`` if the kernel has no more of what it takes.
    init(loop: any EventLoop) throws {
        self.loop = loop
        unsafe events = .allocate(capacity: Self.batch)
        epoll = try SocketCalls.checked("epoll_create1", epoll_create1(CInt(EPOLL_CLOEXEC)))
        bell = try SocketCalls.checked("eventfd", eventfd(0, CInt(EFD_CLOEXEC)))
        _ = control(EPOLL_CTL_ADD, bell, .readable, 0)
        let thread = Thread { [self] in wait() }
        thread.name = "sockets"
        thread.stackSize = 256 << 10
        thread.start()
    }

    // MARK: Members

    /// Waits for `events` of a socket until it is removed; returns false, and waits for none, if the kernel cannot.
    func add(_ member: Pollable, for events: Pollable.Events) -> Bool {
        guard !isStopped.load(ordering: .relaxed) else { return false }
        generation &+= 1
        member.generation = generation
        guard control(EPOLL_CTL_ADD, member.descriptor, events, generation) else { return false }
        place(member)
        return true
    }

    /// Waits for other events.
    func change(_ member: Pollable, to events: Pollable.Events) {
        _ = control(EPOLL_CTL_MOD, member.descriptor, events, member.generation)
    }

    /// Has another object stand for a socket.
    func replace(_ member: Pollable, by successor: Pollable) {
        successor.generation = member.generation
        place(successor)
    }

    /// Waits for a socket no more.
    ///
    /// - Parameter isClosing: Whether its descriptor is closed next, which takes it from the kernel's list.
    func remove(_ member: Pollable, isClosing: Bool) {
        let index = Int(member.descriptor)
        guard index < members.count, members[index] === member else { return }
        members[index] = nil
        if !isClosing { _ = control(EPOLL_CTL_DEL, member.descriptor, [], 0) }
    }

    private func place(_ member: Pollable) {
        let index = Int(member.descriptor)
        while members.count <= index { members.append(nil) }
        members[index] = member
    }

    private func control(_ operation: CInt, _ descriptor: CInt, _ events: Pollable.Events, _ generation: UInt32) -> Bool
    {
        let data = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        return csockets_control(epoll, operation, descriptor, events.rawValue, data) == 0
    }

    // MARK: Waiting

    private func wait() {
        while true {
            let count = unsafe epoll_wait(epoll, events.baseAddress, CInt(Self.batch), -1)
            if isStopped.load(ordering: .acquiring) { break }
            guard count > 0 else { continue }
            loop.execute { [self] in
                for index in 0..<Int(count) { unsafe handle(events[index]) }
                hasHandled.signal()
            }
            hasHandled.wait()
        }
        _ = Glibc.close(epoll)
        _ = Glibc.close(bell)
        stopper?.resume()
    }

    private func handle(_ event: epoll_event) {
        let data = unsafe event.data.u64
        let index = Int(data & 0xFFFF_FFFF)
        guard index < members.count, let member = members[index], UInt64(member.generation) == data >> 32 else {
            return
        }
        member.ready(Pollable.Events(rawValue: unsafe event.events))
    }

    /// Closes every socket and ends the waiting; returns once the thread has ended, to whoever asked first.
    func stop() async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                guard stopper == nil else { return continuation.resume() }
                for member in members { member?.close() }
                stopper = continuation
                isStopped.store(true, ordering: .releasing)
                eventfd_write(bell, 1)
            }
        }
    }

    deinit {
        unsafe events.deallocate()
    }
}
