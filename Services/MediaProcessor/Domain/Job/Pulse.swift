import Synchronization

/// Signs of life of the work in this process, wherever in the pipeline it is being done.
///
/// A process does one job, so there is one count; what it says is only whether it has moved.
package enum Pulse {
    private static let count = Atomic<Int>(0)

    /// Something was done: a block was read, a packet, a picture or a block of sound went on its way.
    package static func beat() { count.add(1, ordering: .relaxed) }

    /// How much was done so far.
    package static var beats: Int { count.load(ordering: .relaxed) }
}
