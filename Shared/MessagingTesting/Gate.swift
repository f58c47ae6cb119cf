/// A gate that tests hold shut and open.
///
/// Waiting at it does not end with the task's cancellation, as work that must be finished does not.
package final class Gate: Sendable {
    private let isOpen = Watched(false)

    package init() {}

    package func open() { isOpen.update { $0 = true } }

    /// Waits until the gate is open.
    package func pass() async {
        // In a task of its own, which nobody cancels.
        _ = await Task { try await isOpen.wait { $0 } }.result
    }
}
