import Synchronization

/// A value that works on other threads change, and that a test looks at.
final class Guarded<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

extension Guarded where Value == Int {
    /// Counts and returns how many there are now.
    @discardableResult
    func count() -> Int {
        state.withLock { value in
            value += 1
            return value
        }
    }
}
