import Glibc
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Serves the probes, and what else an operator asks for, on a port of their own: for services that listen to nothing else.
struct AdminServer: Service {
    private let host: String
    private let port: Int
    private let probes: ProbeRoutes
    private let routes: AdminRoutes
    private let logger: Logger

    /// - Parameter port: 0 lets the system choose; the log tells which it was.
    init(host: String, port: Int, probes: ProbeRoutes, routes: AdminRoutes = AdminRoutes(), logger: Logger) {
        self.host = host
        self.port = port
        self.probes = probes
        self.routes = routes
        self.logger = logger
    }

    func run() async throws {
        let router = Router()
        probes.add(to: router)
        routes.add(to: router)
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                logger.notice(
                    "admin server listening",
                    metadata: ["net.address": "\(channel.localAddress, default: "?")"]
                )
            },
            logger: quiet(logger)
        )
        do {
            try await application.run()
        } catch let error as IOError {
            let cause = unsafe String(cString: strerror(error.errnoCode))
            throw StartError("ADMIN_PORT: cannot listen on \(host):\(port): \(cause)")
        }
    }

    /// The server's own lines tell nothing that ours do not.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(.warning, logger.logLevel)
        return logger
    }
}

/// Why a service cannot start, in one line.
package struct StartError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
