import Foundation
import Glibc
import Logging
import ServiceBootstrap
import ServiceLifecycle
import Testing

/// Each test is a process of its own: the runner decides how a process ends.
struct ServiceRunnerTests {
    @Test func `a service that is told to stop drains and ends with 0`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(StopsItself.self, arguments: [])
        }
        let log = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(log.contains(#""message":"draining""#))
        #expect(log.contains(#""message":"inner cleaned up""#))
        #expect(log.contains(#""message":"stopped""#))
    }

    @Test func `a service that cannot start says why in one line and ends with 1`() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(CannotStart.self, arguments: [])
        }
        let lines = String(decoding: try #require(result).standardErrorContent, as: UTF8.self).split(separator: "\n")
        #expect(lines.filter { $0.contains(#""level":"critical""#) }.count == 1)
        #expect(lines.last?.contains(#""error":"no such bucket 'media'""#) == true)
    }

    @Test func `a file for spans that cannot be written stops the start`() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            setenv("TRACES_FILE", "/no/such/folder/traces.jsonl", 1)
            await ServiceRunner.run(StopsItself.self, arguments: [])
        }
        let log = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(log.contains(#"TRACES_FILE: cannot write \"/no/such/folder/traces.jsonl\""#))
    }

    @Test func `a service that just returns brings the process down with 1`() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(Returns.self, arguments: [])
        }
        let log = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(log.contains("ended, though nobody told it to"))
        #expect(log.contains(#""message":"neighbour drained""#))
    }

    @Test func `a second signal ends a drain at once`() async throws {
        await #expect(processExitsWith: .exitCode(1)) {
            await ServiceRunner.run(NeverDrains.self, arguments: [])
        }
    }

    @Test func `signals that come together are one`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            await ServiceRunner.run(StopsItselfTwice.self, arguments: [])
        }
    }

    @Test func `a port that is taken is named`() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(TakesItsPort.self, arguments: [])
        }
        let log = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(log.contains("ADMIN_PORT: cannot listen on 127.0.0.1:"))
        #expect(log.contains("Address already in use"))
    }

    @Test func `a flag that does not exist ends with 2 before anything starts`() async throws {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(CannotStart.self, arguments: ["--check-confg"])
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(
            text
                == "cannot-start: unknown argument --check-confg (did you mean --check-config?); --help tells what there is\n"
        )
    }

    @Test func `help and version end with 0`() async throws {
        let help = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            await ServiceRunner.run(CannotStart.self, arguments: ["--help"])
        }
        let text = String(decoding: try #require(help).standardOutputContent, as: UTF8.self)
        #expect(text.contains("AMQP_URL") && text.contains("DRAIN_SECONDS") && text.contains("ADMIN_PORT"))
        await #expect(processExitsWith: .exitCode(0)) {
            await ServiceRunner.run(CannotStart.self, arguments: ["--version"])
        }
    }

    @Test func `checking a good configuration ends with 0 and starts nothing`() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            await ServiceRunner.run(CannotStart.self, arguments: ["--check-config"])
        }
        let text = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        #expect(text == "cannot-start: the configuration is valid\n")
    }

    @Test func `settings that only the service can judge are checked on request`() async throws {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(RefusesItsSettings.self, arguments: ["--check-config"])
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text == "refuses-its-settings: the key is too short\n")
    }

    @Test func `settings that only the service can judge end with 2 before anything starts`() async throws {
        let result = await #expect(processExitsWith: .exitCode(2), observing: [\.standardErrorContent]) {
            await ServiceRunner.run(RefusesItsSettings.self, arguments: [])
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text == "refuses-its-settings: the key is too short\n")
    }

    @Test func `settings that the service refuses can still be printed`() async throws {
        await #expect(processExitsWith: .exitCode(0)) {
            await ServiceRunner.run(RefusesItsSettings.self, arguments: ["--print-config"])
        }
    }

    @Test func `checking a bad configuration ends with 1`() async throws {
        await #expect(processExitsWith: .exitCode(1)) {
            setenv("DRAIN_SECONDS", "soon", 1)
            await ServiceRunner.run(CannotStart.self, arguments: ["--check-config"])
        }
    }
}

// MARK: - Services

private struct Worker: Service {
    let body: @Sendable () async throws -> Void
    func run() async throws { try await body() }
}

private enum StopsItself: ServiceDefinition {
    static let name = "stops-itself"
    static let summary = "Stops itself."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static func services(_: ServiceConfiguration, _ context: ServiceContext) async throws -> [any Service] {
        [
            Worker {
                try? await gracefulShutdown()
                context.logger.notice("inner cleaned up")
            },
            Worker {
                kill(getpid(), SIGTERM)
                try? await gracefulShutdown()
            },
        ]
    }
}

private enum StopsItselfTwice: ServiceDefinition {
    static let name = "stops-itself-twice"
    static let summary = "Stops itself twice."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static func services(_: ServiceConfiguration, _: ServiceContext) async throws -> [any Service] {
        [
            Worker {
                kill(getpid(), SIGTERM)
                kill(getpid(), SIGINT)
                try? await gracefulShutdown()
            }
        ]
    }
}

/// Listens on the port that its own admin server is to have.
private enum TakesItsPort: ServiceDefinition {
    static let name = "takes-its-port"
    static let summary = "Takes its port."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    /// A port that the system has just given out, and which stays taken.
    static let adminPort: Int? = {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(descriptor, generic, length)
                _ = getsockname(descriptor, generic, &length)
            }
        }
        listen(descriptor, 1)
        return Int(UInt16(bigEndian: address.sin_port))
    }()
    static func services(_: ServiceConfiguration, _: ServiceContext) async throws -> [any Service] {
        [Worker { try? await gracefulShutdown() }]
    }
}

private enum CannotStart: ServiceDefinition {
    static let name = "cannot-start"
    static let summary = "Cannot start."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static let adminPort: Int? = 0
    static func services(_: ServiceConfiguration, _: ServiceContext) async throws -> [any Service] {
        throw StartError("no such bucket 'media'")
    }
}

private enum RefusesItsSettings: ServiceDefinition {
    static let name = "refuses-its-settings"
    static let summary = "Refuses its settings."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static func check(_: ServiceConfiguration) async throws { throw StartError("the key is too short") }
    static func services(_: ServiceConfiguration, _: ServiceContext) async throws -> [any Service] {
        [Worker { try? await gracefulShutdown() }]
    }
}

private enum Returns: ServiceDefinition {
    static let name = "returns"
    static let summary = "Returns."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static func services(_: ServiceConfiguration, _ context: ServiceContext) async throws -> [any Service] {
        [
            Worker {
                try? await gracefulShutdown()
                context.logger.notice("neighbour drained")
            },
            Worker {},
        ]
    }
}

private enum NeverDrains: ServiceDefinition {
    static let name = "never-drains"
    static let summary = "Never drains."
    static let keys: [KeyDeclaration] = []
    static let examples: [CommandExample] = []
    static func services(_: ServiceConfiguration, _: ServiceContext) async throws -> [any Service] {
        [
            Worker {
                kill(getpid(), SIGTERM)
                try? await gracefulShutdown()
                // Signals right after the first one count as the same.
                while true {
                    kill(getpid(), SIGINT)
                    try? await ContinuousClock().sleep(for: .milliseconds(20))
                }
            }
        ]
    }
}
