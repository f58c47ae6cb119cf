package import AsyncHTTPClient
import NIOCore
import Synchronization

/// HTTP clients that connect to an address we have checked, whatever DNS says by then.
///
/// The address belongs to a client's settings, so there is one client for each host and address, and with it their
/// connections that are kept alive. At most ``capacity`` idle ones are kept.
package final class PinnedClients: Sendable {
    private struct Pin: Hashable {
        let host: String
        let address: IPAddress
    }

    private struct Entry {
        let client: HTTPClient
        var users: Int
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Pin: Entry] = [:]
        var uses: UInt64 = 0
    }

    package static let capacity = 64

    private let configuration: HTTPClient.Configuration
    private let state = Mutex(State())

    package init(configuration: HTTPClient.Configuration) {
        self.configuration = configuration
    }

    /// Runs `body` with a client that connects to `address` when it is asked for `host`.
    package func withClient<Result: Sendable>(
        host: String,
        address: IPAddress,
        _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        let pin = Pin(host: host, address: address)
        let client = acquire(pin)
        do {
            let result = try await body(client)
            await shutDown(release(pin))
            return result
        } catch {
            await shutDown(release(pin))
            throw error
        }
    }

    /// Closes all connections; nothing may be in flight.
    package func shutDown() async {
        let clients = state.withLock { state in
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        await shutDown(clients)
    }

    private func acquire(_ pin: Pin) -> HTTPClient {
        state.withLock { state in
            state.uses += 1
            var entry = state.entries[pin] ?? Entry(client: makeClient(pin), users: 0, lastUse: 0)
            entry.users += 1
            entry.lastUse = state.uses
            state.entries[pin] = entry
            return entry.client
        }
    }

    /// Returns clients that nobody needs any more.
    private func release(_ pin: Pin) -> [HTTPClient] {
        state.withLock { state in
            state.entries[pin]?.users -= 1
            let idle = state.entries.filter { $0.value.users == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
            let surplus = idle.prefix(max(0, idle.count - Self.capacity))
            for (pin, _) in surplus { state.entries[pin] = nil }
            return surplus.map(\.value.client)
        }
    }

    private func makeClient(_ pin: Pin) -> HTTPClient {
        var configuration = configuration
        configuration.dnsOverride = [pin.host: pin.address.description]
        // What the client does with that is its own affair: before anything is said, it is checked where it went.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard let peer = channel.remoteAddress?.ipAddress.flatMap(IPAddress.init), peer == pin.address else {
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(Unreachable("it was reached at another address"))
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private func shutDown(_ clients: [HTTPClient]) async {
        for client in clients { try? await client.shutdown() }
    }
}
