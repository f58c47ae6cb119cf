import Foundation
import Subprocess

/// Runs rabbitmqctl for what a broker tells nobody else: its settings.
struct RabbitMQCtl: Sendable {
    /// As a shell takes it: `rabbitmqctl`, `sudo rabbitmqctl -n rabbit@one`.
    let command: String
    private static let timeout = Duration.seconds(20)

    /// A setting of the application `rabbit`, as Erlang prints it; `nil` if it cannot be had.
    func setting(_ name: String) async -> String? {
        let expression = "application:get_env(rabbit, \(name))."
        guard let output = await run(expression) else { return nil }
        // {ok,14400000}, and whatever a wrapper says before.
        guard let start = output.range(of: "{ok,", options: .backwards), let end = output.lastIndex(of: "}"),
            start.upperBound < end
        else { return nil }
        return String(output[start.upperBound..<end])
    }

    private func run(_ expression: String) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                let result = try? await Subprocess.run(
                    .name("sh"),
                    arguments: ["-c", #"exec \#(command) eval "$1""#, "sh", expression],
                    output: .string(limit: 64 << 10),
                    error: .discarded
                )
                guard let result, result.terminationStatus.isSuccess else { return nil }
                return result.standardOutput
            }
            group.addTask {
                try? await Task.sleep(for: Self.timeout)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
