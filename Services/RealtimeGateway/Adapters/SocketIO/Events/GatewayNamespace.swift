import EventSchema
package import NIOCore
import RealtimeDomain
import RealtimeHTTP
package import SocketIO

/// The default namespace, in which the clients of contracts 3 and 4 are.
///
/// Who shows a token while connecting is authenticated at once, or refused; others say who they are by `authenticate`.
package struct GatewayNamespace: SocketNamespace {
    let services: SocketServices

    package init(_ services: SocketServices) {
        self.services = services
    }

    package func connect(_ request: SocketConnect, on loop: any EventLoop) -> SocketAdmission {
        let address = services.proxies.client(behind: request.remoteAddress, forwarded: request.forwardedFor)
        do throws(Refusal) {
            guard let credentials = try SocketCredentials(connecting: request.auth) else {
                return .accepted { [services] in GatewaySocket(services, address: address) }
            }
            return .pending(loop.makeFutureWithTask { await admit(credentials, from: address) })
        } catch {
            return Self.refused(error)
        }
    }

    private func admit(_ credentials: SocketCredentials, from address: String) async -> SocketAdmission {
        do throws(Refusal) {
            let admission = try await services.gate.admit(credentials, from: address)
            return .accepted { [services] in GatewaySocket(services, address: address, admission) }
        } catch {
            return Self.refused(error)
        }
    }

    /// Contract 4 has the fields of its `error` events, contract 3 a code: both are there.
    private static func refused(_ refusal: Refusal) -> SocketAdmission {
        var data = ErrorSpelling.payload(refusal, in: .streams, at: .now)
        data["code"] = ErrorSpelling.payload(refusal, in: .forum, at: .now)["code"]
        return .refused(refusal.message, data: ByteBuffer(bytes: JSONValue.object(data).encoded))
    }
}
