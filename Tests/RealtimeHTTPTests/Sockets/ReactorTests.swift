import Glibc
import NIOCore
import Testing

@testable import RealtimeHTTP

/// Which socket hears of what.
@Suite(.timeLimit(.minutes(1)))
struct ReactorTests {
    private final class Member: Pollable {
        private let onReady: (Member) -> Void
        private(set) var count = 0

        init(_ descriptor: CInt, of reactor: Reactor, onReady: @escaping (Member) -> Void = { _ in }) {
            self.onReady = onReady
            super.init(descriptor, of: reactor)
        }

        override func ready(_ events: Events) {
            count += 1
            onReady(self)
        }
    }

    /// Waits for a socket that has something to read.
    private static func addReady(_ bench: SocketBench, _ onReady: @escaping (Member) -> Void) -> Member {
        let (server, client) = SocketBench.pair()
        let member = Member(server, of: bench.reactor, onReady: onReady)
        #expect(bench.reactor.add(member, for: .readable))
        var byte: UInt8 = 1
        #expect(unsafe write(client, &byte, 1) == 1)
        return member
    }

    /// Gives the descriptor of `other` to a new socket.
    private static func succeed(_ other: Member, _ bench: SocketBench) -> Member {
        let (server, _) = SocketBench.pair()
        bench.reactor.remove(other, isClosing: true)
        // Closes what had it in the same moment, so that nobody else gets it.
        dup2(server, other.descriptor)
        close(server)
        let next = Member(other.descriptor, of: bench.reactor)
        #expect(bench.reactor.add(next, for: .readable))
        return next
    }

    @Test func `who has a descriptor anew hears nothing that was for those before`() async throws {
        try await SocketBench.run { bench in
            let (counts, counted) = AsyncStream.makeStream(of: [Int].self)
            try await bench.onLoop { bench in
                // While this one is told, the kernel is not asked: the two are told of together.
                _ = Self.addReady(bench) { starter in
                    starter.close()
                    var members: [Member] = []
                    for _ in 0..<2 {
                        members.append(
                            Self.addReady(bench) { told in
                                guard let other = members.first(where: { $0 !== told }) else { return }
                                members = []
                                let next = Self.succeed(other, bench)
                                told.close()
                                let bound = NIOLoopBound([told, other, next], eventLoop: bench.loop)
                                bench.loop.execute { counted.yield(bound.value.map(\.count)) }
                            }
                        )
                    }
                }
            }
            for await found in counts {
                #expect(found == [1, 0, 0])
                break
            }
        }
    }
}
