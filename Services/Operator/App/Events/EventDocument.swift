import EventSchema
import Foundation

/// Events as people keep them: one JSON object over any number of lines, or one object on each line.
struct EventDocument: Sendable {
    /// One event's text as JSON, and the line on which it starts.
    struct Entry: Sendable, Hashable {
        let line: Int
        let value: JSONValue
    }

    let entries: [Entry]

    /// The most that is read: events are small, a mistaken path may be a video.
    private static let maximumBytes = 64 << 20

    init(text: [UInt8]) throws(CommandFailure) {
        do throws(JSONError) {
            entries = [Entry(line: 1, value: try JSONParser.parse(text))]
            return
        } catch {
            let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            let hasSeveral = lines.filter { line in line.contains { $0 > 0x20 } }.count > 1
            guard hasSeveral,
                lines.first(where: { $0.contains { $0 > 0x20 } })?.last(where: { $0 > 0x20 }) == UInt8(ascii: "}")
            else { throw CommandFailure(.invalidEvent, error.description) }
            entries = try Self.lines(lines)
        }
    }

    /// Reads a file, or standard input for `-`.
    init(path: String) throws(CommandFailure) {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else {
            throw CommandFailure(
                .failed,
                "cannot read \"\(path)\": no such file, or no permission; - is standard input"
            )
        }
        guard let data = try? handle.read(upToCount: Self.maximumBytes) else {
            throw CommandFailure(.invalidEvent, "\"\(path)\" is empty or cannot be read")
        }
        try self.init(text: Array(data))
    }

    private static func lines(_ lines: [ArraySlice<UInt8>]) throws(CommandFailure) -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
            do throws(JSONError) {
                entries.append(Entry(line: index + 1, value: try JSONParser.parse(Array(line))))
            } catch {
                throw CommandFailure(.invalidEvent, "line \(index + 1): \(error)")
            }
        }
        return entries
    }
}

extension EventDocument.Entry {
    /// The event with an id, a time and a source of its own where it has none.
    func filled(id: UUID = UUID(), now: Timestamp = .now) -> EventDocument.Entry {
        guard var object = value.objectValue else { return self }
        let own: JSONObject = [
            "event_id": .string(id.lowercased), "timestamp": .string(now.description), "source": "martlet",
        ]
        for (key, value) in own where object[key] == nil || object[key] == .null { object[key] = value }
        return EventDocument.Entry(line: line, value: .object(object))
    }
}
