import CRabbitMQ

/// Memory for what is handed to rabbitmq-c in one call: freed together, when the call is over.
final class Arena {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        init_amqp_pool(pool, 4096)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    /// Frees everything handed out so far.
    func recycle() { recycle_amqp_pool(pool) }

    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            guard let source = utf8.baseAddress, !utf8.isEmpty else { return amqp_bytes_t() }
            let copy = allocate(utf8.count)
            copy.copyMemory(from: source, byteCount: utf8.count)
            return amqp_bytes_t(len: utf8.count, bytes: copy)
        }
    }

    func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element>? {
        guard !elements.isEmpty else { return nil }
        let memory = allocate(MemoryLayout<Element>.stride * elements.count)
        let typed = memory.bindMemory(to: Element.self, capacity: elements.count)
        typed.initialize(from: elements, count: elements.count)
        return typed
    }

    private func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        guard let memory = amqp_pool_alloc(pool, count) else { preconditionFailure("out of memory") }
        return memory
    }
}

extension amqp_bytes_t {
    /// The bytes as text, repaired where they are not UTF-8.
    var string: String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: len), as: UTF8.self)
    }

    var array: [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: bytes, count: len))
    }
}
