import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OutboundHTTP
import Synchronization

/// Fetches parts of what a URL from outside names, only from addresses that may be reached.
///
/// The name is resolved by us, every address is checked, and the connection goes to the address that was checked; that
/// holds for every redirect, too. What was found in the end is asked directly from then on, with its addresses as they
/// were checked.
final class HTTPFetcher: Sendable {
    /// Where to ask.
    struct Route: Sendable {
        var address: HTTPAddress
        /// Checked, in the order of preference.
        var targets: [IPAddress]
    }

    /// How often a server may send us elsewhere.
    static let mostRedirects = 5

    private let origin: HTTPAddress
    private let settings: RemoteSources.Settings
    private let resolver: any HostResolver
    private let clients: PinnedClients
    private let route = Mutex<Route?>(nil)

    init(
        _ origin: HTTPAddress,
        settings: RemoteSources.Settings,
        resolver: any HostResolver,
        clients: PinnedClients
    ) {
        self.origin = origin
        self.settings = settings
        self.resolver = resolver
        self.clients = clients
    }

    /// Fetches a part, with retries.
    func fetch(_ part: PartRequest) async throws(ObjectStoreError) -> RemotePart {
        try await settings.retries.run { attempt in
            do {
                let answer = try await withDeadline(self.timeout(part)) {
                    try await self.answer(to: part, attempt)
                }
                return self.outcome(of: part, answer)
            } catch let refusal as ObjectStoreError {
                return .failed(refusal)
            } catch let excess as ExcessiveBody where excess.answer.status == 200 {
                return .failed(self.error(.unsupportedSource, "the server gives no parts of it"))
            } catch is ExcessiveBody {
                return .again(self.error(.unavailable, "the server sends more than it was asked for"))
            } catch {
                // Its addresses may be others by now.
                self.route.withLock { $0 = nil }
                return .again(self.error(.unavailable, Unreachable.describe(error)))
            }
        }
    }

    // MARK: Answers

    private func outcome(of part: PartRequest, _ answer: HTTPAnswer) -> Attempt<RemotePart> {
        switch answer.status {
        case 200, 206, 412, 416:
            do throws(PartComplaint) {
                return .done(try part.part(in: answer))
            } catch {
                let told = self.error(error.code, "the server \(error.message)")
                return error.isTemporary ? .again(told) : .failed(told)
            }
        case 404, 410: return .failed(error(.notFound, "the server answered \(answer.status)"))
        case 401, 403, 407: return .failed(error(.accessDenied, "the server answered \(answer.status)"))
        default:
            let told = error(.unavailable, "the server answered \(answer.status)")
            return answer.isTemporaryFailure ? .again(told, after: answer.retryAfter) : .failed(told)
        }
    }

    private func error(_ code: ObjectStoreError.Code, _ cause: String) -> ObjectStoreError {
        ObjectStoreError(code, "cannot read '\(origin.shown)': \(cause)")
    }

    private func timeout(_ part: PartRequest) -> Duration {
        settings.timeout + .seconds(part.range.count / settings.slowestRate)
    }

    // MARK: One try

    /// The first answer that is no redirect.
    private func answer(to part: PartRequest, _ attempt: Int) async throws -> HTTPAnswer {
        if let route = route.withLock({ $0 }) {
            let answer = try await ask(route, part, attempt)
            // What a redirect led to may hold for minutes only; then the origin tells another.
            let isStale = route.address != origin && [401, 403, 404, 410].contains(answer.status)
            if !isStale, answer.location == nil { return answer }
        }
        return try await follow(part, attempt)
    }

    private func follow(_ part: PartRequest, _ attempt: Int) async throws -> HTTPAnswer {
        var route = try await route(to: origin)
        for _ in 0...Self.mostRedirects {
            let answer = try await ask(route, part, attempt)
            guard let location = answer.location else {
                if answer.status < 300 { self.route.withLock { $0 = route } }
                return answer
            }
            route = try await self.route(to: try redirected(from: route.address, to: location))
        }
        throw error(.unsupportedSource, "it redirects more than \(Self.mostRedirects) times")
    }

    private func ask(_ route: Route, _ part: PartRequest, _ attempt: Int) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: route.address.url)
        request.headers = HTTPHeaders(
            part.headers + [("accept", "*/*"), ("accept-encoding", "identity"), ("user-agent", "martlet")]
        )
        let target = route.targets[(attempt - 1) % route.targets.count]
        return try await clients.withClient(host: route.address.host, address: target) { [request] client in
            do {
                return try await client.answer(to: request, within: self.timeout(part)) { part.limit($0) }
            } catch let excess as ExcessiveBody where ![200, 206].contains(excess.answer.status) {
                // Of these, the head says all.
                return HTTPAnswer(status: excess.answer.status, headers: excess.answer.headers)
            }
        }
    }

    // MARK: Addresses

    private func redirected(from address: HTTPAddress, to location: String) throws -> HTTPAddress {
        guard let base = URL(string: address.url), let url = URL(string: location, relativeTo: base),
            let next = HTTPAddress(url.absoluteString)
        else { throw error(.unsupportedSource, "it redirects to what is no plain URL") }
        guard next.isEncrypted || !address.isEncrypted else {
            throw error(.notAllowed, "it redirects from https to http")
        }
        return next
    }

    /// Resolves and checks.
    private func route(to address: HTTPAddress) async throws -> Route {
        guard address.isEncrypted || settings.allowsPlainHTTP else {
            throw error(.notAllowed, "only https is read")
        }
        let found = await resolver.addresses(of: address.host)
        guard !found.isEmpty else { throw Unreachable("the name '\(address.host)' has no address") }
        let targets = found.filter(settings.policy.allows)
        guard !targets.isEmpty else {
            throw error(.notAllowed, "'\(address.host)' leads to a private network, from which nothing is read")
        }
        return Route(address: address, targets: targets)
    }
}

extension HTTPAnswer {
    /// Where a redirect leads; `nil` for other answers.
    fileprivate var location: String? {
        [301, 302, 303, 307, 308].contains(status) ? headers.first(name: "location") ?? "" : nil
    }
}

extension HTTPAddress {
    /// Without its query, which may hold what lets one read.
    var shown: String { String(url.prefix { $0 != "?" }) }
}
