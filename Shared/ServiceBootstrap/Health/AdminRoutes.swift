package import Hummingbird
import Synchronization

/// What a service serves on its admin port besides the probes.
///
/// A service adds to it while it is being built; the port opens after that.
package final class AdminRoutes: Sendable {
    package typealias Addition = @Sendable (Router<BasicRequestContext>) -> Void

    private let additions = Mutex<[Addition]>([])

    package init() {}

    package func add(_ addition: @escaping Addition) { additions.withLock { $0.append(addition) } }

    func add(to router: Router<BasicRequestContext>) {
        for addition in additions.withLock({ $0 }) { addition(router) }
    }
}
