import AsyncHTTPClient
import NIOPosix
import NIOSSL

/// Why there was no answer, in a few words for people.
package struct Unreachable: Error {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package static func describe(_ error: any Error) -> String {
        switch error {
        case let error as Unreachable: error.message
        case let error as HTTPClientError: error.shortDescription
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            "no secure connection came about; see its certificate"
        case is NIOConnectionError: "the connection was refused or failed"
        default: "\(error)"
        }
    }
}

/// Runs `body`, cancelled after `limit`.
package func withDeadline<Result: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw Unreachable("it did not answer within \(Int64(limit / .milliseconds(1))) ms")
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
