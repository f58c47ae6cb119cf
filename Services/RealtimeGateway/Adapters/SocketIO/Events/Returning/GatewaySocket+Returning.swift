import EventSchema
package import NIOCore
import RealtimeDomain
import RealtimeHTTP
package import SocketIO

/// How a client goes on that has lost its connection: as who it was, if it may still be wherever it was.
extension GatewaySocket {
    /// `nil` while nobody knows the client.
    private var state: SocketState? {
        identity.map { identity in
            SocketState(
                identity: identity,
                contract: contract,
                attendances: streams?.attendances ?? [],
                threads: forum?.threads ?? []
            )
        }
    }

    var storedState: [UInt8]? { isDecided ? state?.json.encoded : nil }

    func mayResume(_ request: SocketConnect, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        guard !isUndecided else { return loop.makeSucceededFuture(false) }
        guard let state else { return loop.makeSucceededFuture(true) }
        return services.readmit(state, request, lostAt: lostAt, on: loop).assumeIsolated().map { [self] admission in
            places = admission.places
            identity = admission.identity
            return true
        }.recover { _ in false }.nonisolated()
    }

    /// Takes over what another process knew.
    convenience init(
        _ services: SocketServices,
        address: String,
        _ state: SocketState,
        _ admission: SocketGate.Admission
    ) {
        self.init(services, address: address, nil)
        places = admission.places
        identity = admission.identity
        adopt(state)
    }
}

extension SocketServices {
    /// Lets in a client that comes back, if it may be wherever it was.
    func readmit(
        _ state: SocketState,
        _ request: SocketConnect,
        lostAt: ContinuousClock.Instant?,
        on loop: any EventLoop
    ) -> EventLoopFuture<SocketGate.Admission> {
        let address = proxies.client(behind: request.remoteAddress, forwarded: request.forwardedFor)
        return loop.makeFutureWithTask { [self] in
            let admission = try await gate.readmit(
                state.identity,
                state.contract,
                showing: try SocketCredentials(connecting: request.auth),
                from: address,
                lostAt: lostAt,
                at: now()
            )
            for key in state.conversations {
                _ = try await conversations.arrival(at: key, of: admission.identity, since: nil)
            }
            return admission
        }
    }
}

extension GatewayNamespace {
    package func resume(
        _ session: StoredSession,
        _ request: SocketConnect,
        on loop: any EventLoop
    ) -> SocketAdmission {
        guard let json = try? JSONParser.parse(session.state), let state = SocketState(json) else {
            return .refused("")
        }
        let address = services.proxies.client(behind: request.remoteAddress, forwarded: request.forwardedFor)
        return .pending(
            services.readmit(state, request, lostAt: nil, on: loop).map { [services] admission in
                .accepted { GatewaySocket(services, address: address, state, admission) }
            }
        )
    }
}
