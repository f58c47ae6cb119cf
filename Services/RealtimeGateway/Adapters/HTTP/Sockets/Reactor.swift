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
    /// What small pieces are joined in before they are sent, by one socket after another.
    var outgoing = ByteBuffer()
    private let epoll: CInt
    /// Wakes the thread when it is to end.
    private let bell: CInt
    private let events: UnsafeMutableBufferPointer<epoll_event>
    private let hasHandled = DispatchSemaphore(value: 0)
    private let isStopped = Atomic(false)
    /// Who waits for the thread to end.
    private var stopper: CheckedContinuation<Void, Never>?
    private var members: [Pollable?] = []
    /// Places of ``members`` that are free.
    private var free: [UInt32] = []
    private var generation: UInt32 = 0

    /// A member's place, and what tells it from those that had the place before.
    struct Slot {
        fileprivate let index: UInt32
        fileprivate let generation: UInt32

        fileprivate var data: UInt64 { UInt64(generation) << 32 | UInt64(index) }
    }

    /// - Throws: ``IOError`` if the kernel has no more of what it takes.
    init(loop: any EventLoop) throws {
        let epoll = try SocketCalls.checked("epoll_create1", epoll_create1(CInt(EPOLL_CLOEXEC)))
        do {
            bell = try Self.bell(of: epoll)
        } catch {
            _ = Glibc.close(epoll)
            throw error
        }
        self.loop = loop
        self.epoll = epoll
        unsafe events = .allocate(capacity: Self.batch)
        let thread = Thread { [self] in wait() }
        thread.name = "sockets"
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Makes what the thread wakes up from; no member has its number.
    private static func bell(of epoll: CInt) throws -> CInt {
        let bell = try SocketCalls.checked("eventfd", eventfd(0, CInt(EFD_CLOEXEC)))
        let events = Pollable.Events.readable.rawValue
        guard csockets_control(epoll, EPOLL_CTL_ADD, bell, events, .max) == 0 else {
            let error = IOError(errnoCode: errno, reason: "epoll_ctl")
            _ = Glibc.close(bell)
            throw error
        }
        return bell
    }

    // MARK: Members

    /// Waits for `events` of a socket until it is removed; returns false, and waits for none, if the kernel cannot.
    func add(_ member: Pollable, for events: Pollable.Events) -> Bool {
        guard !isStopped.load(ordering: .relaxed) else { return false }
        generation &+= 1
        let index = free.last ?? UInt32(members.count)
        let slot = Slot(index: index, generation: generation)
        guard csockets_control(epoll, EPOLL_CTL_ADD, member.descriptor, events.rawValue, slot.data) == 0 else {
            return false
        }
        if free.popLast() == nil { members.append(nil) }
        members[Int(index)] = member
        member.slot = slot
        return true
    }

    /// Waits for other events.
    func change(_ member: Pollable, to events: Pollable.Events) {
        guard let slot = member.slot else { return }
        _ = csockets_control(epoll, EPOLL_CTL_MOD, member.descriptor, events.rawValue, slot.data)
    }

    /// Has another object stand for a socket.
    func replace(_ member: Pollable, by successor: Pollable) {
        guard let slot = member.slot else { return }
        members[Int(slot.index)] = successor
        successor.slot = slot
        member.slot = nil
    }

    /// Waits for a socket no more.
    ///
    /// - Parameter isClosing: Whether its descriptor is closed next, which takes it from the kernel's list.
    func remove(_ member: Pollable, isClosing: Bool) {
        guard let slot = member.slot else { return }
        members[Int(slot.index)] = nil
        free.append(slot.index)
        member.slot = nil
        if !isClosing { _ = csockets_control(epoll, EPOLL_CTL_DEL, member.descriptor, 0, 0) }
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
        guard index < members.count, let member = members[index], member.slot?.data == data else { return }
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
