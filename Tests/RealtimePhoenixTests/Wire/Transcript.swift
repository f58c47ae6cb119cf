import Foundation
import RealtimeTesting
import Testing

/// A conversation in the spelling of the transcripts: `> ` what the client sends, `< ` what the server answers, binary
/// frames as `BIN` and hexadecimal digits.
struct Transcript {
    let lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Plays the client's part and compares each answer byte for byte.
    ///
    /// At the end nothing may be left unsaid: a ping is answered next.
    func replay(_ client: WireClient) async throws {
        for line in lines {
            let content = String(line.dropFirst(2))
            if line.hasPrefix("> BIN ") {
                try await client.send(binary: Self.bytes(content.dropFirst(4)))
            } else if line.hasPrefix("> ") {
                try await client.send(content)
            } else {
                let received = await client.next()
                #expect(received.description.trimmingCharacters(in: .whitespaces) == content)
            }
        }
        guard lines.last?.hasPrefix("< CLOSE") == false else { return }
        try await client.send(bytes: WireClient.frame(0x89, [7]))
        #expect(await client.next() == .pong([7]))
    }

    private static func bytes(_ digits: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = digits
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
