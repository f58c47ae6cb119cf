import ArgumentParser
import Foundation
import Glibc
import Logging
import MediaDomain
import MediaFFmpeg
import ServiceBootstrap

/// The commands beside the service.
struct ProcessorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "media-processor",
        abstract: "Makes uploads playable. Without a command it is the service; --help without one lists its settings.",
        version: Suite.version,
        subcommands: [TranscodeCommand.self, ProbeCommand.self]
    )

    static let names = configuration.subcommands.map { $0._commandName }

    /// Runs a command to its end; never returns.
    ///
    /// Exit codes: 0 done, 1 failed with one line on standard error, 64 wrong usage.
    static func run(_ arguments: [String]) async -> Never {
        do {
            var command = try await asyncParseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Glibc.exit(EXIT_SUCCESS)
        } catch let error as MediaError {
            FileHandle.standardError.write(Data("media-processor: \(error.message) (\(error.reason.rawValue))\n".utf8))
            Glibc.exit(EXIT_FAILURE)
        } catch {
            exit(withError: error)
        }
    }

    /// FFmpeg, with its own warnings on standard error where `LOG_LEVEL` asks for them.
    ///
    /// - Parameter facts: What every line says besides.
    static func transcoder(logging facts: Logger.Metadata = [:]) -> any Transcoder & Sendable {
        let level = ProcessInfo.processInfo.environment["LOG_LEVEL"].flatMap(Logger.Level.init(rawValue:)) ?? .warning
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            handler.metadata = facts
            return handler
        }
        return FFmpegTranscoder(logger: Logger(label: "ffmpeg"))
    }
}
